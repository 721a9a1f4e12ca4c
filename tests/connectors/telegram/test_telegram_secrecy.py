"""What is told of a wrong token and of a broken connection: never the token, never what was written."""

import logging
from typing import Any

import pytest

from parachute_core.testing.http import Fault
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.running import until
from tests.connectors.telegram.running import status, whole_bot


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
