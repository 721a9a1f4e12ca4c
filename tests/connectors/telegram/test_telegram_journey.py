"""People on Telegram and the whole bot, with all five plugins on: over real sockets, from update to answer."""

import asyncio
import logging
from pathlib import Path

import pytest

from parachute_core.testing.orchestrator import ScriptedOrchestrator
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.running import until
from tests.connectors.telegram.running import status, whole_bot

GROUP = "-1001"


async def test_a_stranger_is_let_in_by_the_owner_and_answered(api: FakeBotApi) -> None:
    async with whole_bot(api, allowed=()) as bot:
        api.say("hello", "42", name="Bea")
        await api.until(lambda: api.texts("42"))
        (request,) = (await bot.request("GET", "/api/bots/pairing")).json["requests"]
        assert (request["platform"], request["platformUserId"], request["platformUserDisplay"]) == ("telegram", "42", "Bea")
        assert bot.orchestrator.turns == []

        assert (await bot.request("POST", f"/api/bots/pairing/{request['id']}/approve", {})).status == 200
        await api.until(lambda: len(api.texts("42")) == 2)
        api.say("hello again", "42")
        await api.until(lambda: len(api.texts("42")) == 3)
        assert api.texts("42")[-1] == "hello again"

        assert (await bot.request("DELETE", "/api/bots/pairing/telegram/42")).status == 200
        api.say("and now?", "42")
        await api.until(lambda: not api.updates)
        await bot.settled()
    assert [one.text for one in bot.orchestrator.turns] == ["hello again"]


async def test_the_eleventh_message_in_a_minute_is_refused(api: FakeBotApi) -> None:
    async with whole_bot(api) as bot:
        for number in range(1, 12):
            api.say(f"message {number}")
        await api.until(lambda: len(api.texts()) == 11)
        await bot.settled()
        assert len(bot.orchestrator.turns) == 10
        (refusal,) = [one for one in api.texts() if not one.startswith("message")]

        await bot.clock.advance(61)
        api.say("patience")
        await api.until(lambda: api.texts()[-1] == "patience")
    assert refusal


async def test_chats_keep_their_order_and_do_not_wait_for_each_other(api: FakeBotApi) -> None:
    people = [str(number) for number in range(1, 51)]
    async with whole_bot(api, allowed=people) as bot, bot.clock.passing():
        for number in range(5):
            for person in people:
                api.say(f"{person}.{number}", person)
        await api.until(lambda: all(len(api.texts(person)) == 5 for person in people), within=20)
        await bot.settled()

    assert {person: api.texts(person) for person in people} == {person: [f"{person}.{number}" for number in range(5)] for person in people}


async def test_a_long_answer_holds_up_nobody_else(api: FakeBotApi) -> None:
    orchestrator = ScriptedOrchestrator()
    orchestrator.hold()
    async with whole_bot(api, allowed=("1", "2"), orchestrator=orchestrator) as bot:
        api.say("think long", "1")
        await orchestrator.asked(1)
        api.say("/status", "1")
        api.say("me too", "2")
        await api.until(lambda: "answering you" in "".join(api.texts("1")))
        await orchestrator.asked(2)
        orchestrator.release()
        await bot.settled()
    assert api.texts("1")[-1] == "think long"
    assert api.texts("2") == ["me too"]


async def test_in_a_group_only_what_is_for_the_bot_is_answered(api: FakeBotApi) -> None:
    async with whole_bot(api) as bot:
        api.say("nice weather", "1", GROUP)
        api.say("I said FakeBot", "7", GROUP)
        api.say("@fakebot hello", "1", GROUP)
        await api.until(lambda: api.texts(GROUP))
        await bot.settled()

    assert api.texts(GROUP) == ["hello"]


async def test_new_starts_a_fresh_session(api: FakeBotApi) -> None:
    async with whole_bot(api) as bot:
        api.say("one")
        await api.until(lambda: len(api.texts()) == 1)
        await bot.settled()
        api.say("/new")
        await api.until(lambda: len(api.texts()) == 2)
        api.say("two")
        await api.until(lambda: len(api.texts()) == 3)

    first, second = bot.orchestrator.turns
    assert first.session_id != second.session_id


async def test_a_long_formatted_answer_comes_in_parts_without_marks(api: FakeBotApi) -> None:
    answer = "\n\n".join(f"**Point {number}** {'😀 word ' * 60}" for number in range(30))
    async with whole_bot(api, orchestrator=ScriptedOrchestrator(answer)) as bot:
        api.say("tell me")
        await api.until(lambda: "Point 29" in "".join(api.texts()))
        await bot.settled()

    assert len(api.texts()) > 3
    assert "".join("".join(api.texts()).split()) == "".join(answer.replace("**", "").split())


async def test_an_answer_in_the_making_is_finished_before_the_stop(api: FakeBotApi) -> None:
    orchestrator = ScriptedOrchestrator()
    orchestrator.hold()
    async with whole_bot(api, orchestrator=orchestrator):
        api.say("hello")
        await orchestrator.asked(1)

    assert api.texts() == ["hello"]
    assert api.updates == []
    assert api.reactions == {}


async def test_what_is_written_while_the_bot_stops_is_answered_after_the_next_start(api: FakeBotApi, tmp_path: Path) -> None:
    orchestrator = ScriptedOrchestrator()
    orchestrator.hold()
    async with whole_bot(api, orchestrator=orchestrator, home=tmp_path / "home") as bot:
        api.say("one")
        await orchestrator.asked(1)
        closing = asyncio.create_task(bot.runtime.intake.close())
        await bot.clock.advance(1)
        api.say("two")
        await until(lambda: status(bot)["last_message_time"] == bot.clock.now().timestamp())  # the connector has it in hand
        orchestrator.release()
        await closing
    assert api.texts() == ["one"]
    async with whole_bot(api, home=tmp_path / "home") as bot:
        await api.until(lambda: len(api.texts()) == 2)
        await bot.settled()

    assert api.texts() == ["one", "two"]


async def test_what_is_written_while_the_bot_is_off_is_answered_later(api: FakeBotApi, tmp_path: Path) -> None:
    async with whole_bot(api, home=tmp_path / "home") as bot:
        api.say("one")
        await api.until(lambda: api.texts() == ["one"])
        await bot.settled()
    api.say("two")
    async with whole_bot(api, home=tmp_path / "home") as bot:
        await api.until(lambda: len(api.texts()) == 2)
        await bot.settled()

    assert api.texts() == ["one", "two"]


async def test_a_server_that_restarts_in_mid_poll_is_found_again(api: FakeBotApi) -> None:
    async with whole_bot(api) as bot:
        await api.server.asked("getUpdates", 2)
        await api.server.stop()
        await until(lambda: status(bot)["status"] == "reconnecting")
        await api.server.start()
        api.say("are you there?")
        for _ in range(200):
            if api.texts():
                break
            await bot.clock.advance(1)
            await asyncio.sleep(0.02)
        await bot.settled()
        assert status(bot)["status"] == "running"

    assert api.texts() == ["are you there?"]


async def test_the_token_is_in_no_log_line(api: FakeBotApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with whole_bot(api) as bot:
        api.say("my secret words")
        await api.until(lambda: api.texts())
        api.blocked.add("1")
        api.say("more secret words")
        await api.until(lambda: len(bot.orchestrator.turns) == 2)
        await bot.settled()
        await api.server.stop()
        await until(lambda: status(bot)["status"] == "reconnecting")
        report = str((await bot.request("GET", "/api/bots/status")).json)

    assert api.token not in caplog.text + report
    assert "secret words" not in caplog.text
