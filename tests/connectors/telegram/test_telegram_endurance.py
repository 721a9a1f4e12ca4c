"""Much at once, and for long: bursts, a day of outages, a wrong token."""

import asyncio
import logging
from typing import Any

import pytest

from parachute_core.testing.http import Fault
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.running import until
from tests.connectors.telegram.running import status, whole_bot

CHATS, EACH = 200, 5
OUTAGE = Fault("getUpdates", count=None, status=502, body="<html>Bad Gateway</html>")


async def test_a_burst_is_answered_once_each_and_in_order(api: FakeBotApi) -> None:
    people = [str(number) for number in range(1, CHATS + 1)]
    plugins = {"ratelimit": {"limit": 10_000}, "pairing": {"max_pending": 10_000}}
    for number in range(EACH):
        for person in people:
            api.say(f"{person}.{number}", person)
    async with whole_bot(api, allowed=people, plugins=plugins, ack_emoji=None) as bot, bot.clock.passing():
        await api.until(lambda: len(api.calls("sendMessage")) == CHATS * EACH, within=120)
        await bot.settled()
        assert len(bot.orchestrator.turns) == CHATS * EACH

    assert {person: api.texts(person) for person in people} == {
        person: [f"{person}.{number}" for number in range(EACH)] for person in people
    }
    assert len(api.calls("sendMessage")) == CHATS * EACH


async def test_a_day_of_flapping_ends_running(api: FakeBotApi) -> None:
    async with whole_bot(api) as bot:
        began = bot.clock.monotonic()
        for hour in range(24):
            fault = Fault(OUTAGE.path, count=None, status=OUTAGE.status, body=OUTAGE.body)
            api.server.faults.append(fault)
            api.server.drop()
            await until(lambda: status(bot)["status"] == "reconnecting")
            before = len(api.calls("getUpdates"))
            for _ in range(10):
                await bot.clock.advance(30)
                await asyncio.sleep(0.01)
            assert len(api.calls("getUpdates")) - before < 60
            assert status(bot)["status"] == "reconnecting"
            assert fault.met
            api.server.faults.clear()
            await bot.clock.advance(3300)
            for _ in range(200):
                if status(bot)["status"] == "running":
                    break
                await bot.clock.advance(30)
                await asyncio.sleep(0.02)
            assert status(bot)["status"] == "running", hour
        assert bot.clock.monotonic() - began > 23 * 3600
        api.say("still there?")
        await api.until(lambda: api.texts() == ["still there?"])
        await bot.settled()


async def test_a_wrong_token_is_in_no_log_line_and_no_answer(api: FakeBotApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for wrong in ("123456:planted-token-that-is-wrong", "planted token that fits into no address"):
        asked = len(api.server.requests)
        async with whole_bot(api, bot_token=wrong, state="failed") as bot:
            await bot.clock.advance(3600)
            await bot.request("POST", "/api/bots/telegram/test")
            answers = [await bot.request("GET", path) for path in ("/api/bots/status", "/api/bots/config", "/api/plugins", "/api/sessions")]
            answers.append(await bot.request("POST", "/api/bots/telegram/start"))
            await until(lambda: status(bot)["status"] == "failed")
        assert len(api.server.requests) - asked < 5
        assert "planted" not in caplog.text + str([one.json for one in answers])


async def test_a_broken_connection_tells_no_token_however_it_breaks(api: FakeBotApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    faults: list[dict[str, Any]] = [
        {"reset": True},
        {"status": 401, "body": {"ok": False, "error_code": 401, "description": f"Unauthorized {api.token}"}},
        {"status": 200, "body": f"<html>{api.token}</html>"},
    ]
    for fault in faults:
        api.server.faults.append(Fault("getUpdates|sendMessage", count=None, **fault))
        async with whole_bot(api, state="failed" if fault.get("status") == 401 else "reconnecting") as bot:
            report = str((await bot.request("GET", "/api/bots/status")).json)
        api.server.faults.clear()
        assert api.token not in caplog.text + report


async def test_a_refusal_that_quotes_the_message_is_not_quoted_on(api: FakeBotApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = {"ok": False, "error_code": 400, "description": f"Bad Request: secret words {api.token}"}
    api.server.faults.append(Fault("sendMessage", count=None, status=400, body=body))
    async with whole_bot(api) as bot:
        for text in ("hello", "/help"):
            api.say(text)
            await api.until(lambda: not api.updates)
            await bot.settled()
        report = str((await bot.request("GET", "/api/bots/status")).json)

    assert len(api.calls("sendMessage")) == 2
    assert "a message was not delivered" in caplog.text
    for hidden in ("secret words", api.token):
        assert hidden not in caplog.text + report


async def test_what_was_said_in_a_group_comes_with_the_next_question(api: FakeBotApi) -> None:
    group = "-1001"
    mention = [{"type": "mention", "offset": 0, "length": 8}]
    picture: dict[str, Any] = {"text": None, "photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]}
    async with whole_bot(api) as bot:
        api.say("the roof leaks", "7", group, name="Bob")
        api.say("", "8", group, name="Cid", caption="look at it", **picture)
        api.say("/new@other_bot", "7", group, name="Bob")
        api.say("", "1", group, caption="@FakeBot what now?", caption_entities=mention, **picture)
        await api.until(lambda: "what now?" in api.texts(group))
        await bot.settled()

    (turn,) = bot.orchestrator.turns
    assert [(one.name, one.text) for one in turn.overheard] == [("Bob", "the roof leaks"), ("Cid", "look at it")]
    assert turn.sender == "Ann"
