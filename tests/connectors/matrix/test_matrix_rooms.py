"""Which rooms the bot enters, and in which of them it listens."""

import asyncio
import logging

import pytest

from parachute_core.connectors.matrix.aliases import Aliases
from parachute_core.connectors.matrix.api import Api
from parachute_core.connectors.matrix.bridges import is_ghost
from parachute_core.connectors.matrix.invites import MOST, Invites
from parachute_core.connectors.matrix.library import Timeouts
from parachute_core.connectors.matrix.told import Batch, Invitation
from parachute_core.model.errors import ConnectionLost
from parachute_core.model.message import ChatType
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.http import Fault
from parachute_core.testing.matrix import MatrixWorld, Person
from parachute_core.testing.memory import DictMemory
from parachute_core.testing.proxy import FaultProxy
from parachute_core.testing.sockets import FakeLink
from tests.connectors.matrix.running import connected, connector_for, direct, enters
from tests.connectors.running import until


async def prodded(world: MatrixWorld, person: Person) -> None:
    """Return once the bot took a whole sync from now on: a new direct chat was entered, and what was said there handed over."""
    await direct(world, person)


async def test_a_direct_invitation_is_accepted_and_what_was_said_before_is_answered(world: MatrixWorld) -> None:
    ann = await world.person()
    room = await ann.create(world.bot.user_id, direct=True)
    await ann.say(room, "are you there?")
    async with connected(world) as bot:
        await bot.link.texts(1)
        await enters(world, ann, room)

    assert [(one.text, one.chat_type) for one in bot.link.received] == [("are you there?", ChatType.DIRECT)]


async def test_an_invitation_into_a_room_that_is_not_allowed_waits_until_it_is(world: MatrixWorld) -> None:
    ann = await world.person()
    memory = DictMemory()
    async with connected(world, memory=memory) as bot:
        room = await ann.create(world.bot.user_id, name="Kitchen")
        await prodded(world, ann)
        await until(lambda: f"invite {room}" in memory.kept)
        assert world.bot.user_id not in await ann.members(room)
    async with connected(world, memory=memory) as bot:  # told once by the homeserver, and not forgotten
        bot.link.allowed.add(room)
        await prodded(world, ann)
        await enters(world, ann, room)
        await ann.say(room, "Parachute: hello")
        await bot.link.texts(1)

    assert [(one.text, one.chat_type, one.chat_id) for one in bot.link.received] == [("hello", ChatType.GROUP, room)]
    assert f"invite {room}" not in memory.kept


async def test_what_was_said_in_a_group_before_the_bot_came_is_not_answered(world: MatrixWorld) -> None:
    ann = await world.person()
    link = FakeLink()
    room = await ann.create(world.bot.user_id, name="Kitchen")
    await ann.say(room, "Parachute: old")
    link.allowed.add(room)
    async with connected(world, link=link):
        await enters(world, ann, room)
        await ann.say(room, "Parachute: new")
        await link.texts(1)

    assert [one.text for one in link.received] == ["new"]


async def test_a_room_may_be_allowed_by_its_address(world: MatrixWorld) -> None:
    ann = await world.person()
    name = ann.account.localpart
    alias = f"#{name}:{world.homeserver.server_name}"
    link = FakeLink()
    link.allowed.add(alias)
    room = await ann.create(world.bot.user_id, name="Kitchen", room_alias_name=name)
    async with connected(world, link=link, allowed_rooms=[alias]):
        await enters(world, ann, room)
        await ann.say(room, "Parachute: hello")
        await link.texts(1)
        link.allowed.clear()
        await ann.say(room, "Parachute: and now?")
        other = await direct(world, ann)
        await ann.say(other, "end")
        await until(lambda: "end" in [one.text for one in link.received])

    assert [one.text for one in link.received] == ["hello", "end"]


async def test_an_address_that_becomes_allowed_while_the_bot_runs_is_found_and_a_false_claim_is_not(world: MatrixWorld) -> None:
    ann, eve = await world.person("ann"), await world.person("eve")
    name = ann.account.localpart
    alias = f"#{name}:{world.homeserver.server_name}"
    link = FakeLink()
    good = await ann.create(world.bot.user_id, name="Kitchen", room_alias_name=name, direct=True)
    bad = await eve.create(world.bot.user_id, name="Cellar", direct=True)
    await eve.set_state(bad, "m.room.canonical_alias", {})
    async with connected(world, link=link):
        await enters(world, ann, good)
        await enters(world, eve, bad)
        third = await world.person("third")
        for one, room in ((ann, good), (eve, bad)):
            await one.invite(room, third.id)
            await third.join(room)
        link.allowed.add(alias)
        await eve.say(bad, "Parachute: me")
        await ann.say(good, "Parachute: me")
        await link.texts(1)

    assert {one.chat_id for one in link.received} == {good}


async def test_a_third_member_ends_a_direct_chat(world: MatrixWorld) -> None:
    ann, bea = await world.person("ann"), await world.person("bea")
    async with connected(world) as bot:
        room = await direct(world, ann)
        await ann.say(room, "one")
        await bot.link.texts(1)
        await ann.invite(room, bea.id)
        await ann.say(room, "Parachute: two")
        await bea.join(room)
        await bea.say(room, "Parachute: three")
        other = await direct(world, ann)
        await ann.say(other, "end")
        await bot.link.texts(2)
        await bea.leave(room)
        await ann.say(room, "four")
        await bot.link.texts(3)

    assert [one.text for one in bot.link.received] == ["one", "end", "four"]
    assert {one.chat_type for one in bot.link.received} == {ChatType.DIRECT}


async def test_who_says_direct_of_a_room_full_of_people_gets_no_answer(world: MatrixWorld) -> None:
    ann, bea = await world.person("ann"), await world.person("bea")
    async with connected(world) as bot:
        room = await ann.create(bea.id, direct=False)
        await bea.join(room)
        await ann.call("POST", f"/rooms/{room}/invite", {"user_id": world.bot.user_id})
        trick = await ann.create(world.bot.user_id, bea.id, direct=True)
        await enters(world, ann, trick)
        await ann.say(trick, "Parachute: hello")
        other = await direct(world, bea)
        await bea.say(other, "end")
        await bot.link.texts(1)

    assert [one.text for one in bot.link.received] == ["end"]


async def test_two_people_in_a_room_with_a_name_are_a_group(world: MatrixWorld) -> None:
    ann = await world.person()
    async with connected(world) as bot:
        room = await ann.create(world.bot.user_id, name="Kitchen")
        await world.as_person(world.bot).join(room)
        unnamed = await ann.create(world.bot.user_id)
        await world.as_person(world.bot).join(unnamed)
        await ann.say(room, "Parachute: hello")
        await ann.say(unnamed, "hello there")
        await bot.link.texts(1)

    assert [(one.text, one.chat_type) for one in bot.link.received] == [("hello there", ChatType.DIRECT)]


async def test_a_room_with_one_of_another_network_counts_as_the_room(world: MatrixWorld) -> None:
    ghost = await world.person(f"telegram_{abs(hash(world.bot.user_id))}", exactly=True, display="Bea (Telegram)")
    other = await world.person(f"signal_1{world.bot.localpart}", exactly=True, display="Cid")
    owner = await world.person("owner")
    link = FakeLink()
    async with connected(world, link=link):
        room = await ghost.create(world.bot.user_id, owner.id, name="Bea")
        await enters(world, ghost, room)
        await owner.join(room)
        await owner.say(room, "hi Bea")
        await ghost.say(room, "hello")
        await link.texts(2)
        group = await ghost.create(world.bot.user_id, other.id, name="Many")
        await enters(world, ghost, group)
        await other.join(group)
        await ghost.say(group, "Parachute: not allowed")
        await ghost.say(room, "again")
        await link.texts(3)
        link.allowed.add(group)
        await ghost.say(group, "Parachute: allowed")
        await link.texts(4)

    assert [(one.text, one.user_id, one.user_name, one.addressed, one.chat_type) for one in link.received] == [
        ("hi Bea", owner.id, "owner", False, ChatType.DIRECT),
        ("hello", room, "Bea (Telegram)", True, ChatType.DIRECT),
        ("again", room, "Bea (Telegram)", True, ChatType.DIRECT),
        ("allowed", group, "Bea (Telegram)", True, ChatType.GROUP),
    ]


@pytest.mark.parametrize(
    ("user_id", "ghost"),
    [
        ("@telegram_123:a.example", True),
        ("@signal_1bd8b1b2-6f2d-4f7c-9a9e-0f6c7a3f1d2e:a.example", True),
        ("@whatsapp_lid-4912345:a.example", True),
        ("@discord_987654321:a.example", True),
        ("@_discord_987654321:a.example", True),
        ("@telegram_123:b.example", False),
        ("@telegrambot:a.example", False),
        ("@signal_hill:a.example", False),
        ("@ann_123:a.example", False),
    ],
)
def test_only_a_bridge_of_the_own_homeserver_has_such_names(user_id: str, ghost: bool) -> None:
    assert is_ghost(user_id, "@bot:a.example") is ghost


async def test_more_than_one_sync_tells_is_fetched_and_answered_in_order(world: MatrixWorld) -> None:
    ann = await world.person()
    memory = DictMemory()
    async with connected(world, memory=memory) as bot:
        room = await direct(world, ann)
        await ann.say(room, "before")
        await bot.link.texts(1)
        await until(lambda: len(bot.link.proofs) > 2)
    for number in range(80):
        await ann.say(room, str(number))
    async with connected(world, memory=memory) as bot:
        found = await bot.link.texts(80, within=20.0)

    assert [one for one in found if one != "before"] == [str(number) for number in range(80)]


@pytest.mark.parametrize("refused", [False, True])
async def test_history_that_cannot_be_had_is_asked_for_again_or_given_up(world: MatrixWorld, refused: bool) -> None:
    ann = await world.person()
    memory = DictMemory()
    async with connected(world, memory=memory) as bot:
        room = await direct(world, ann)
        await ann.say(room, "before")
        await bot.link.texts(1)
        await until(lambda: len(bot.link.proofs) > 2)
    for number in range(60):
        await ann.say(room, str(number))
    async with FaultProxy(world.homeserver.url) as proxy:
        body = {"errcode": "M_FORBIDDEN", "error": "no"} if refused else "<html></html>"
        proxy.faults.append(Fault(r"/messages$", status=403 if refused else 502, body=body))
        if not refused:
            with pytest.raises(ConnectionLost, match="502"):
                await connector_for(world, url=proxy.url, memory=memory).run(FakeLink())
        async with connected(world, url=proxy.url, memory=memory) as bot:
            await until(lambda: any(one.text == "59" for one in bot.link.received))
            found = [one.text for one in bot.link.received if one.text != "before"]

    assert found == [str(number) for number in range(10 if refused else 0, 60)]


async def test_an_invitation_waits_for_the_address_of_its_room_too(world: MatrixWorld) -> None:
    ann = await world.person()
    name = ann.account.localpart
    memory = DictMemory()
    async with connected(world, memory=memory) as bot:
        room = await ann.create(world.bot.user_id, name="Kitchen", room_alias_name=name)
        await until(lambda: f"invite {room}" in memory.kept)
        bot.link.allowed.add(f"#{name}:{world.homeserver.server_name}")
        await prodded(world, ann)
        await enters(world, ann, room)


async def test_an_invitation_that_was_taken_back_is_forgotten(world: MatrixWorld) -> None:
    ann = await world.person()
    memory = DictMemory()
    async with connected(world, memory=memory) as bot:
        room = await ann.create(world.bot.user_id, name="Kitchen")
        await until(lambda: f"invite {room}" in memory.kept)
        await ann.kick(room, world.bot.user_id)
        await until(lambda: f"invite {room}" not in memory.kept)
        bot.link.allowed.add(room)
        await prodded(world, ann)
        assert await ann.members(room) == {ann.id}


async def test_what_was_not_taken_over_comes_again(world: MatrixWorld) -> None:
    ann = await world.person()
    memory = DictMemory()
    async with connected(world, memory=memory) as bot:
        room = await direct(world, ann)
        bot.link.gate.clear()
        await ann.say(room, "one")
        since = memory.kept[f"since {world.bot.user_id}"]
        await asyncio.sleep(0.3)
        assert (bot.link.received, memory.kept[f"since {world.bot.user_id}"]) == ([], since)
    async with connected(world, memory=memory) as bot:
        assert await bot.link.texts(1) == ["one"]


async def test_of_very_many_invitations_the_oldest_are_forgotten_altogether(caplog: pytest.LogCaptureFixture) -> None:
    clock, memory, logger = FakeClock(), DictMemory(), logging.getLogger("parachute_core.invites")
    api = Api("http://127.0.0.1:1", "token", Timeouts(), clock)
    invites, aliases = Invites(api, "@bot:a.example", memory, clock, logger), Aliases(api, clock, ())
    caplog.set_level("INFO")

    async def asked(*rooms: str) -> None:
        invitations = tuple(Invitation(room, "@ann:a.example", direct=False) for room in rooms)
        await invites.take(Batch("s", (), invitations, frozenset(), empty=False))
        invites.accept(FakeLink(), aliases)

    rooms = [f"!{number}:a.example" for number in range(MOST + 50)]
    for room in rooms:
        await asked(room)
    assert sorted(memory.kept) == sorted(f"invite {room}" for room in rooms[50:])
    await asked(rooms[0], rooms[-1])
    told = [record.__dict__["room_id"] for record in caplog.records]
    assert (told.count(rooms[0]), told.count(rooms[-1])) == (2, 1)
