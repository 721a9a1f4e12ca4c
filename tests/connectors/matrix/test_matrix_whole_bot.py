"""The whole bot on Matrix, with all five plugins: over a real homeserver, from event to answer."""

import asyncio
from pathlib import Path

import pytest
from parachute_pairing import texts as pairing

from parachute_core.engine import texts
from parachute_core.testing.bot import RunningBot
from parachute_core.testing.matrix import MatrixWorld
from parachute_core.testing.orchestrator import ScriptedOrchestrator
from tests.connectors.matrix.running import direct, enters, status, whole_bot
from tests.connectors.running import until

LIST = "/api/bots/pairing"


async def request_id(bot: RunningBot) -> str:
    found: str = (await bot.request("GET", LIST)).json["requests"][0]["id"]
    return found


async def test_a_message_is_answered_with_its_signs(world: MatrixWorld) -> None:
    ann = await world.person()
    async with whole_bot(world, allowed=(ann.id,)) as bot:
        room = await direct(world, ann)
        bot.orchestrator.hold()
        event = await ann.say(room, "hello **you**")
        await bot.orchestrator.asked(1)
        me = world.bot.user_id
        await ann.until(lambda: ann.reactions(room, event) == {(me, "👀")} and any(me in who for who in ann.saw_typing(room)))
        bot.orchestrator.release()
        await ann.reads(room, "hello you", by=me)
        await ann.until(lambda: ann.reactions(room, event) == set() and me not in list(ann.saw_typing(room))[-1])
        assert status(bot)["last_proof"] == "sync"
    (answer,) = ann.messages(room, me)
    assert answer.html == "<p>hello <strong>you</strong></p>"
    assert answer.relation == {"m.in_reply_to": {"event_id": event}}


async def test_a_stranger_is_let_in_told_after_a_restart_and_put_out_again(world: MatrixWorld, tmp_path: Path) -> None:
    bea = await world.person("bea", display="Bea")
    me = world.bot.user_id
    async with whole_bot(world, home=tmp_path) as bot:
        room = await direct(world, bea)
        await bea.say(room, "let me in")
        await bea.until(lambda: bea.texts(room, me))
        asked = await request_id(bot)
        await bea.reads(room, pairing.REQUESTED.format(id=asked), by=me)
        assert bot.orchestrator.turns == []

    async with whole_bot(world, home=tmp_path) as bot:
        answer = await bot.request("POST", f"{LIST}/{asked}/approve", {})
        assert answer.status == 200
        assert (answer.json["request"]["platformUserId"], answer.json["request"]["platformUserDisplay"]) == (bea.id, "Bea")
        await bea.reads(room, pairing.REQUESTED.format(id=asked), pairing.APPROVED, by=me)
        await bea.say(room, "what now?")
        await bea.until(lambda: bea.texts(room, me)[-1] == "what now?")

        assert (await bot.request("DELETE", f"{LIST}/matrix/{bea.id}")).status == 200
        await bea.say(room, "and now?")
        await until(lambda: len(bea.texts(room, me)) == 3 and status(bot)["last_message_time"])
        await bea.until(lambda: len(bea.texts(room, me)) == 4)
        await bot.settled()
        assert [one.text for one in bot.orchestrator.turns] == ["what now?"]
    assert bea.id not in (tmp_path / "bots.yaml").read_text("utf-8")


async def test_the_eleventh_message_of_a_minute_is_refused(world: MatrixWorld) -> None:
    ann = await world.person()
    me = world.bot.user_id
    async with whole_bot(world, allowed=(ann.id,), ack_emoji=None, reply_mode="never") as bot:
        room = await direct(world, ann)
        for number in range(12):
            await ann.say(room, f"m{number}")
        await ann.until(lambda: len(ann.texts(room, me)) == 11)
        await bot.settled()
        assert len(bot.orchestrator.turns) == 10
        assert sum(one.startswith("m") for one in ann.texts(room, me)) == 10

        await bot.clock.advance(61.0)
        await ann.say(room, "patience")
        await ann.until(lambda: ann.texts(room, me)[-1] == "patience")


async def test_chats_keep_their_order_and_do_not_wait_for_each_other(world: MatrixWorld) -> None:
    people = [await world.person(f"p{number}") for number in range(5)]
    me = world.bot.user_id
    async with whole_bot(world, allowed=tuple(one.id for one in people), ack_emoji=None) as bot:
        rooms = await asyncio.gather(*(direct(world, one) for one in people))

        async def talk(number: int) -> None:
            for count in range(5):
                await people[number].say(rooms[number], f"{number}.{count}")
            await people[number].reads(rooms[number], *(f"{number}.{count}" for count in range(5)), by=me)

        await asyncio.gather(*(talk(number) for number in range(5)))
        await bot.settled()
    assert len(bot.orchestrator.turns) == 25


async def test_a_long_answer_holds_up_nobody_else(world: MatrixWorld) -> None:
    ann, bea = await world.person("ann"), await world.person("bea")
    me = world.bot.user_id
    orchestrator = ScriptedOrchestrator()
    orchestrator.hold()
    async with whole_bot(world, allowed=(ann.id, bea.id), orchestrator=orchestrator) as bot:
        first, second = await direct(world, ann), await direct(world, bea)
        await ann.say(first, "think long")
        await orchestrator.asked(1)
        await ann.say(first, "!status")
        await bea.say(second, "me too")
        await ann.until(lambda: "answering you" in "".join(ann.texts(first, me)))
        await orchestrator.asked(2)
        orchestrator.release()
        await bot.settled()
        await ann.until(lambda: ann.texts(first, me)[-1] == "think long")
        await bea.reads(second, "me too", by=me)


async def test_an_edit_is_not_answered_and_a_command_is(world: MatrixWorld) -> None:
    ann = await world.person()
    me = world.bot.user_id
    async with whole_bot(world, allowed=(ann.id,)) as bot:
        room = await direct(world, ann)
        event = await ann.say(room, "one")
        await ann.reads(room, "one", by=me)
        await ann.edit(room, event, "two")
        await ann.say(room, "!new")
        await ann.reads(room, "one", texts.NEW_SESSION, by=me)
        await ann.say(room, "three")
        await ann.reads(room, "one", texts.NEW_SESSION, "three", by=me)
    assert [one.text for one in bot.orchestrator.turns] == ["one", "three"]
    assert bot.orchestrator.turns[0].session_id != bot.orchestrator.turns[1].session_id


async def test_a_chat_whose_session_has_ended_is_told_so(world: MatrixWorld) -> None:
    ann = await world.person()
    me = world.bot.user_id
    async with whole_bot(world, allowed=(ann.id,)) as bot:
        room = await direct(world, ann)
        await ann.say(room, "one")
        await ann.reads(room, "one", by=me)
        await bot.settled()
        (session,) = (await bot.request("GET", "/api/sessions")).json["sessions"]
        assert (await bot.request("POST", f"/api/sessions/{session['id']}/archive")).status == 200
        await ann.say(room, "two")
        await ann.until(lambda: len(ann.texts(room, me)) == 2)
        assert "session has ended" in ann.texts(room, me)[1]
    assert [one.text for one in bot.orchestrator.turns] == ["one"]


async def test_in_an_allowed_room_a_person_must_be_allowed_too(world: MatrixWorld) -> None:
    ann, bea = await world.person("ann"), await world.person("bea")
    me = world.bot.user_id
    room = await ann.create(me, bea.id, name="Kitchen")
    other = await ann.create(me, name="Cellar", direct=True)
    await bea.join(room)
    async with whole_bot(world, allowed=(ann.id,), allowed_rooms=[room]) as bot:
        await enters(world, ann, room)
        await enters(world, ann, other)
        await ann.invite(other, bea.id)
        await ann.say(other, "Parachute: not here")
        await bea.say(room, "nice weather")
        await bea.say(room, "Parachute: may I?")
        await bea.say(room, "Parachute: !new")
        await ann.say(room, "Parachute: and I?")
        await ann.until(lambda: "and I?" in ann.texts(room, me))
        await bot.settled()
        assert ann.texts(room, me) == ["and I?"]
        assert (await bot.request("GET", LIST)).json["requests"] == []
    (turn,) = bot.orchestrator.turns
    assert turn.text == "and I?"
    assert [one.text for one in turn.overheard] == ["nice weather"]


async def test_a_room_that_is_allowed_while_the_bot_runs_is_entered(world: MatrixWorld) -> None:
    ann = await world.person()
    me = world.bot.user_id
    async with whole_bot(world, allowed=(ann.id,)) as bot:
        room = await ann.create(me, name="Kitchen")
        other = await direct(world, ann)
        await ann.say(other, "one")
        await ann.reads(other, "one", by=me)
        assert me not in await ann.members(room)
        assert (await bot.request("PUT", "/api/bots/config", {"matrix": {"allowed_rooms": [room]}})).status == 200
        await ann.say(other, "two")
        await enters(world, ann, room)
        await ann.say(room, "Parachute: three")
        await ann.reads(room, "three", by=me)
        assert status(bot)["status"] == "running"


async def test_a_room_of_another_network_is_let_in_as_a_room(world: MatrixWorld, tmp_path: Path) -> None:
    ghost = await world.person(f"whatsapp_49{world.bot.localpart.removeprefix('bot-')}", exactly=True, display="Cid (WA)")
    me = world.bot.user_id
    async with whole_bot(world, home=tmp_path) as bot:
        room = await ghost.create(me, name="Cid")
        await enters(world, ghost, room)
        await ghost.say(room, "hello")
        await ghost.until(lambda: ghost.texts(room, me))
        (request,) = (await bot.request("GET", LIST)).json["requests"]
        assert (request["platformUserId"], request["platformUserDisplay"]) == (room, "Cid (WA)")
        assert (await bot.request("POST", f"{LIST}/{request['id']}/approve", {})).status == 200
        await ghost.say(room, "hello again")
        await ghost.until(lambda: ghost.texts(room, me)[-1] == "hello again")
        assert (await bot.request("GET", "/api/bots/config")).json["matrix"]["allowed_rooms"] == [room]

        assert (await bot.request("DELETE", f"{LIST}/matrix/{room}")).status == 200
        await ghost.say(room, "and now?")
        await ghost.until(lambda: len(ghost.texts(room, me)) == 4)
        await bot.settled()
        assert [one.text for one in bot.orchestrator.turns] == ["hello again"]


async def test_what_was_written_while_the_bot_was_off_is_answered_and_what_is_older_is_not(world: MatrixWorld, tmp_path: Path) -> None:
    ann = await world.person()
    me = world.bot.user_id
    room = await ann.create(me, direct=True)
    await world.as_person(world.bot).join(room)
    await ann.say(room, "long ago")
    async with whole_bot(world, allowed=(ann.id,), home=tmp_path) as bot:
        await ann.say(room, "one")
        await ann.reads(room, "one", by=me)
        await bot.settled()
    await ann.say(room, "two")
    async with whole_bot(world, allowed=(ann.id,), home=tmp_path):
        await ann.reads(room, "one", "two", by=me)


async def test_an_answer_in_the_making_is_finished_before_the_stop_and_what_comes_meanwhile_after_it(
    world: MatrixWorld, tmp_path: Path
) -> None:
    ann = await world.person()
    me = world.bot.user_id
    orchestrator = ScriptedOrchestrator()
    async with whole_bot(world, allowed=(ann.id,), orchestrator=orchestrator, home=tmp_path) as bot:
        room = await direct(world, ann)
        orchestrator.hold()
        event = await ann.say(room, "one")
        await orchestrator.asked(1)
        closing = asyncio.create_task(bot.runtime.intake.close())
        await bot.clock.advance(1)
        await ann.say(room, "two")
        await until(lambda: status(bot)["last_message_time"] == bot.clock.now().timestamp())  # the connector has it in hand
        orchestrator.release()
        await closing
        await ann.reads(room, "one", by=me)
        await ann.until(lambda: ann.reactions(room, event) == set())
    async with whole_bot(world, allowed=(ann.id,), home=tmp_path):
        await ann.reads(room, "one", "two", by=me)


async def test_the_credentials_are_tested_from_the_api(world: MatrixWorld) -> None:
    async with whole_bot(world) as bot:
        answer = await bot.request("POST", "/api/bots/matrix/test")

    assert answer.json == {"success": True, "user_id": world.bot.user_id}


async def test_stopping_and_starting_from_the_api(world: MatrixWorld) -> None:
    ann = await world.person()
    async with whole_bot(world, allowed=(ann.id,)) as bot:
        assert (await bot.request("POST", "/api/bots/matrix/stop")).json["success"]
        assert status(bot)["status"] == "stopped"
        room = await ann.create(world.bot.user_id, direct=True)
        await ann.say(room, "hello")
        assert (await bot.request("POST", "/api/bots/matrix/start")).json["success"]
        await ann.reads(room, "hello", by=world.bot.user_id)


@pytest.mark.parametrize("mode", ["never", "always"])
async def test_whether_answers_are_replies_is_the_owners_choice(world: MatrixWorld, mode: str) -> None:
    ann = await world.person()
    async with whole_bot(world, allowed=(ann.id,), reply_mode=mode):
        room = await direct(world, ann)
        await ann.say(room, "hello")
        await ann.reads(room, "hello", by=world.bot.user_id)
    assert bool(ann.messages(room, world.bot.user_id)[0].relation) == (mode == "always")
