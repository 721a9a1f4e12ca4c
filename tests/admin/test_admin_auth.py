"""The admin key is asked for on everything below `/api`, on any address, and never told."""

import logging
from collections.abc import Mapping

import pytest

from parachute_core.testing import RunningBot, running_bot

ROUTES = [
    ("GET", "/api/health"),
    ("GET", "/api/bots/status"),
    ("GET", "/api/bots/config"),
    ("PUT", "/api/bots/config"),
    ("POST", "/api/bots/telegram/start"),
    ("POST", "/api/bots/telegram/stop"),
    ("POST", "/api/bots/telegram/test"),
    ("GET", "/api/bots/pairing"),
    ("DELETE", "/api/bots/pairing/telegram/1"),
    ("GET", "/api/plugins"),
    ("GET", "/api/sessions"),
    ("POST", "/api/sessions/1/archive"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api"),
    ("GET", "/api/"),
    ("GET", "/api/nothing"),
    ("TRACE", "/api/bots/status"),
    ("OPTIONS", "/api/bots/status"),
    ("HEAD", "/api/bots/status"),
    ("GET", "/%61pi/bots/status"),
]

ODD = [
    {"Authorization": "Bearer"},
    {"Authorization": "Bearer "},
    {"Authorization": "Basic cGFyYV8="},
    {"Authorization": "para_"},
    {"Authorization": ""},
    {"X-API-Key": "клю́ч"},
    {"X-API-Key": "\u00ff\u00fe"},
    {"Authorization": "Bearer ключ"},
    {"X-API-Key": "x" * 8000},
]


async def status(bot: RunningBot, headers: Mapping[str, str]) -> int:
    return (await bot.request("GET", "/api/bots/status", headers=headers, key=False)).status


async def test_nothing_below_api_answers_without_the_key() -> None:
    async with running_bot(["pairing"]) as bot:
        for method, path in ROUTES:
            for headers in ({}, {"X-API-Key": "para_" + "x" * 43}):
                answer = await bot.request(method, path, key=False, headers=headers)
                assert answer.status == 401, (method, path)
                assert answer.headers["www-authenticate"].startswith("Bearer")
                if method != "HEAD":
                    assert answer.json["success"] is False
                    assert answer.json["error"] == answer.json["detail"] == "Unauthorized"
        assert bot.runtime.fleet.status("telegram")["running"] is True


async def test_both_headers_are_accepted_and_the_api_key_wins() -> None:
    async with running_bot() as bot:
        key = bot.runtime.key
        assert await status(bot, {"Authorization": f"Bearer {key}"}) == 200
        assert await status(bot, {"Authorization": f"bearer   {key}  "}) == 200
        assert await status(bot, {"X-API-Key": key}) == 200
        assert await status(bot, {"X-API-Key": key, "Authorization": "Bearer wrong"}) == 200
        assert await status(bot, {"X-API-Key": "wrong", "Authorization": f"Bearer {key}"}) == 401
        assert await status(bot, {"X-API-Key": "", "Authorization": f"Bearer {key}"}) == 401


async def test_odd_keys_are_refused_and_break_nothing() -> None:
    async with running_bot() as bot:
        for headers in ODD:
            assert await status(bot, headers) == 401, headers


async def test_the_key_in_the_url_counts_for_nothing() -> None:
    async with running_bot() as bot:
        answer = await bot.request("GET", f"/api/bots/status?key={bot.runtime.key}&api_key={bot.runtime.key}", key=False)
    assert answer.status == 401


async def test_open_routes_tell_nothing() -> None:
    async with running_bot() as bot:
        assert (await bot.request("GET", "/healthz", key=False)).json == {"status": "ok"}
        assert (await bot.request("GET", "/readyz", key=False)).json == {"status": "ready"}
        assert (await bot.request("GET", "/", key=False)).json.keys() == {"name", "version", "status"}


async def test_readiness_ends_when_the_bot_stops_taking_messages() -> None:
    async with running_bot() as bot:
        await bot.runtime.intake.close()
        answer = await bot.request("GET", "/readyz", key=False)
        assert answer.status == 503
        assert answer.json == {"success": False, "error": "not ready", "detail": "not ready"}
        assert (await bot.request("GET", "/healthz", key=False)).status == 200


async def test_wrong_keys_are_logged_seldom_and_never_told(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot() as bot:
        with caplog.at_level(logging.DEBUG):
            for _ in range(50):
                await status(bot, {"X-API-Key": "the-wrong-key-itself"})
            await bot.clock.advance(11)
            await status(bot, {"X-API-Key": "the-wrong-key-itself"})
            await status(bot, {})
    lines = [one for one in caplog.records if one.message == "wrong admin key"]
    assert [vars(one)["count"] for one in lines] == [1, 50]
    assert "the-wrong-key-itself" not in caplog.text
