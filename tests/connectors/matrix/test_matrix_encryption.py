"""Encrypted rooms: read and written with the extra, and never met with silence without it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from parachute_core.connectors.matrix.connector import Matrix
from parachute_core.connectors.matrix.secrecy import NOT_INSTALLED, NOT_READABLE
from parachute_core.model.errors import Ambiguous, ConnectionLost, ConnectorError, NotDelivered, Rejected
from parachute_core.model.message import Voice
from parachute_core.model.outgoing import SendKind
from parachute_core.testing.http import Fault
from parachute_core.testing.matrix import MatrixWorld
from parachute_core.testing.matrix.encrypted import EncryptedPerson, encrypted_person
from parachute_core.testing.memory import DictMemory
from parachute_core.testing.proxy import FaultProxy
from tests.connectors.matrix.running import connected, enters, outgoing, whole_bot
from tests.connectors.running import Connected, until

MEGOLM = {"algorithm": "m.megolm.v1.aes-sha2", "sender_key": "a" * 43, "ciphertext": "b" * 80, "session_id": "c" * 43, "device_id": "D"}


@asynccontextmanager
async def chat(world: MatrixWorld, folder: Path) -> AsyncIterator[tuple[EncryptedPerson, str, Connected[Matrix], FaultProxy]]:
    """An encrypted chat of two, with a connector that reaches the homeserver through a proxy."""
    account = await world.accounts.register("ann")
    (folder / "ann").mkdir()
    async with (
        FaultProxy(world.homeserver.url) as proxy,
        encrypted_person(world.homeserver.url, account, folder / "ann") as ann,
        connected(world, url=proxy.url, encryption=True, folder=folder / "bot") as bot,
    ):
        room = await ann.create(world.bot.user_id)
        await ann.sees(room, world.bot.user_id)
        yield ann, room, bot, proxy


async def test_an_encrypted_chat_goes_on_after_a_restart(world: MatrixWorld, tmp_path: Path) -> None:
    account = await world.accounts.register("ann")
    me = world.bot.user_id
    (tmp_path / "ann").mkdir()
    async with encrypted_person(world.homeserver.url, account, tmp_path / "ann") as ann:
        async with whole_bot(world, allowed=(ann.id,), encryption=True, home=tmp_path / "bot") as bot:
            room = await ann.create(me)
            await ann.sees(room, me)
            await ann.say(room, "hello **you**")
            await ann.until(lambda: ann.texts(room, me) == ["hello you"])
            await bot.settled()
        async with whole_bot(world, allowed=(ann.id,), encryption=True, home=tmp_path / "bot") as bot:
            await ann.say(room, "still there?")
            await ann.until(lambda: ann.texts(room, me) == ["hello you", "still there?"])
            assert [one.text for one in bot.orchestrator.turns] == ["still there?"]
    (folder,) = [one for one in (tmp_path / "bot").rglob("*") if one.is_dir() and list(one.glob("*.db"))]
    assert folder.stat().st_mode & 0o777 == 0o700
    plain = world.as_person(account)
    await plain.sync()
    assert {one["type"] for one in plain.rooms[room].events if one["sender"] == me} >= {"m.room.encrypted"}
    assert plain.messages(room, me) == []


async def test_a_message_whose_answer_was_lost_is_there_once_and_can_be_changed(world: MatrixWorld, tmp_path: Path) -> None:
    me = world.bot.user_id
    async with chat(world, tmp_path) as (ann, room, bot, proxy):
        await ann.say(room, "hello")
        await bot.link.texts(1)
        proxy.faults.append(Fault(r"/send/m\.room\.encrypted/", lost=True))
        with pytest.raises(Ambiguous):
            await bot.connector.send(outgoing(room, "one"))
        receipt = await bot.connector.send(outgoing(room, "one"))
        await bot.connector.send(outgoing(room, "**two**", SendKind.EDIT, key="k2.0", target_id=receipt.message_id))
        await ann.until(lambda: ann.texts(room, me) == ["two"])
    (shown,) = ann.messages(room, me)
    assert shown.html == "<p><strong>two</strong></p>"


async def test_encryption_survives_a_connection_that_was_lost(world: MatrixWorld, tmp_path: Path) -> None:
    me = world.bot.user_id
    async with chat(world, tmp_path) as (ann, room, bot, proxy):
        await ann.say(room, "one")
        await bot.link.texts(1)
        proxy.drop()
        with pytest.raises(ConnectionLost):
            await bot.running
        await ann.say(room, "two")
        again = asyncio.create_task(bot.connector.run(bot.link))
        assert await bot.link.texts(2) == ["one", "two"]
        await bot.connector.send(outgoing(room, "three"))
        await ann.until(lambda: ann.texts(room, me) == ["three"])
        again.cancel()
        await asyncio.gather(again, return_exceptions=True)


async def test_a_spoken_message_is_decrypted_and_a_wrong_key_is_an_error(world: MatrixWorld, tmp_path: Path) -> None:
    sound = bytes(range(256)) * 50
    async with chat(world, tmp_path) as (ann, room, bot, _proxy):
        file = await ann.upload(sound)
        info = {"mimetype": "audio/ogg", "size": len(sound), "duration": 900}
        await ann.send(room, {"msgtype": "m.audio", "body": "voice", "file": file, "info": info, "org.matrix.msc3245.voice": {}})
        await bot.link.texts(1)
        (message,) = bot.link.received
        assert message.voice is not None
        assert await bot.connector.fetch(message.voice) == sound
        broken = message.voice.reference.replace(str(file["iv"]), "AAAAAAAAAAAAAAAAAAAAAA").replace('"sha256": "', '"sha256": "A')
        with pytest.raises(ConnectorError, match="cannot be decrypted"):
            await bot.connector.fetch(Voice(broken))
        with pytest.raises(ConnectorError, match="does not say properly"):
            await bot.connector.fetch(Voice("{}"))


async def test_what_cannot_be_decrypted_is_told_once_an_hour(world: MatrixWorld, tmp_path: Path) -> None:
    me = world.bot.user_id
    async with chat(world, tmp_path) as (ann, room, bot, _proxy):
        plain = world.as_person(ann.account)
        await plain.send(room, MEGOLM, "m.room.encrypted")
        await plain.send(room, {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "b"}, "m.room.encrypted")
        await plain.send(room, {key: value for key, value in MEGOLM.items() if key not in ("sender_key", "device_id")}, "m.room.encrypted")
        await plain.send(room, {}, "m.room.encrypted")
        await ann.say(room, "one")
        await bot.link.texts(1)
        await ann.sync()
        assert ann.texts(room, me) == []  # the keys may still come
        await bot.clock.advance(61.0)
        await ann.say(room, "two")
        await ann.until(lambda: ann.texts(room, me) == [NOT_READABLE])
        await plain.send(room, MEGOLM, "m.room.encrypted")
        await ann.say(room, "three")
        await bot.link.texts(3)
        await bot.clock.advance(61.0)
        await ann.say(room, "four")
        await bot.link.texts(4)
        await plain.send(room, MEGOLM, "m.room.encrypted")
        await ann.say(room, "five")
        await bot.link.texts(5)
        await bot.clock.advance(3601.0)
        await ann.say(room, "six")
        await ann.until(lambda: ann.texts(room, me) == [NOT_READABLE] * 2)
        assert await bot.link.texts(6) == ["one", "two", "three", "four", "five", "six"]
        assert not bot.running.done()


async def test_a_message_whose_key_comes_late_is_read_then(world: MatrixWorld, tmp_path: Path) -> None:
    account = await world.accounts.register("ann")
    me = world.bot.user_id
    (tmp_path / "ann").mkdir()
    async with FaultProxy(world.homeserver.url) as proxy, encrypted_person(proxy.url, account, tmp_path / "ann") as ann:
        async with connected(world, encryption=True, folder=tmp_path / "bot") as bot:
            room = await ann.create(me)
            await ann.sees(room, me)
            held = Fault(r"/sendToDevice/m\.room\.encrypted/", delay=1.5)
            proxy.faults.append(held)
            shared = asyncio.create_task(ann.share(room))
            await until(lambda: held.met or shared.done())
            await ann.say_before_shared(room, "hello")
            await world.as_person(account).send(room, {"x": 1}, "org.example.other")
            await shared
            await ann.say(room, "and again")
            assert set(await bot.link.texts(2, within=20.0)) == {"hello", "and again"}
        assert ann.texts(room, me) == []


async def test_a_room_whose_key_could_not_be_shared_is_not_written_to(world: MatrixWorld, tmp_path: Path) -> None:
    me = world.bot.user_id
    async with chat(world, tmp_path) as (ann, room, bot, proxy):
        await ann.say(room, "hello")
        await bot.link.texts(1)
        for fault in (Fault(r"/sendToDevice/", status=502, body="<html></html>"), Fault(r"/sendToDevice/", reset=True)):
            proxy.faults.append(fault)
            with pytest.raises(NotDelivered):
                await bot.connector.send(outgoing(room, "one"))
        await bot.connector.send(outgoing(room, "one"))
        await ann.until(lambda: ann.texts(room, me) == ["one"])


async def test_without_the_extra_a_room_is_told_once_for_ever(world: MatrixWorld) -> None:
    ann = await world.person()
    me = world.bot.user_id
    memory = DictMemory()
    async with connected(world, memory=memory) as bot:
        room = await ann.create(me, direct=True, encrypted=True)
        await enters(world, ann, room)
        await ann.send(room, MEGOLM, "m.room.encrypted")
        await ann.reads(room, NOT_INSTALLED, by=me)
        with pytest.raises(Rejected, match="matrix-e2e"):
            await bot.connector.send(outgoing(room, "hello"))
    async with connected(world, memory=memory) as bot:
        await ann.send(room, MEGOLM, "m.room.encrypted")
        other = await ann.create(me, direct=True)
        await enters(world, ann, other)
        await ann.say(other, "end")
        await bot.link.texts(1)
        await asyncio.sleep(0.1)
    await ann.sync()
    assert ann.texts(room, me) == [NOT_INSTALLED]
