"""Status, start, stop and test of connectors: statuses and bodies that existing clients rely on."""

import asyncio
from collections.abc import Mapping

import pytest

from parachute_core import ConnectionLost, ConnectorError, CredentialsRefused, InvalidTransition, StatusChange, hookimpl
from parachute_core.testing import FakeConnector, RunningBot, running_bot

ALWAYS = {
    "enabled", "has_token", "platform", "status", "running", "failure_count", "last_error", "last_error_time", "uptime",
    "last_message_time", "reconnect_attempts", "allowed_users_count",
}  # fmt: skip
ROUGH_IDS = ["x", "Telegram", "telegram%00", "..", "%2e%2e%2f", "telegram%2Fx", "💥", "a" * 3000, "%ED%A0%80", "'--", "status", "config"]
TOKEN = "123456:fake-token-of-a-fake-bot"


async def post(bot: RunningBot, path: str) -> tuple[int, Mapping[str, object]]:
    answer = await bot.request("POST", f"/api/bots/{path}")
    return answer.status, answer.json


async def test_status_has_every_field_for_every_platform() -> None:
    async with running_bot(allowed=("1", "2", "3")) as bot:
        answer = await bot.request("GET", "/api/bots/status")
    assert answer.status == 200
    assert answer.json["configured"] is True
    connectors = answer.json["connectors"]
    assert connectors.keys() == {"telegram", "discord", "matrix", "web"}
    for platform, fields in connectors.items():
        assert fields.keys() >= ALWAYS, platform
        assert fields["platform"] == platform
    running = connectors["telegram"]
    assert (running["running"], running["status"], running["enabled"], running["has_token"]) == (True, "running", True, True)
    assert running["allowed_users_count"] == 3
    absent = connectors["discord"]
    assert (absent["running"], absent["status"], absent["enabled"], absent["has_token"]) == (False, "stopped", False, False)
    assert (absent["uptime"], absent["failure_count"], absent["last_error"]) == (None, 0, None)


async def test_a_platform_without_connector_still_counts_its_users() -> None:
    config = f"""
telegram: {{enabled: true, bot_token: "{TOKEN}", allowed_users: [1]}}
discord: {{enabled: false, bot_token: another-fake-token, allowed_users: [5, 6]}}
matrix: {{allowed_users: ["@a:b.example"], allowed_rooms: ["!r:b.example", "!s:b.example"]}}
"""
    async with running_bot(config=config) as bot:
        connectors = (await bot.request("GET", "/api/bots/status")).json["connectors"]
    assert connectors["discord"]["allowed_users_count"] == 2
    assert connectors["discord"]["has_token"] is True
    assert (connectors["matrix"]["allowed_users_count"], connectors["matrix"]["allowed_rooms_count"]) == (1, 2)
    assert (connectors["web"]["has_token"], connectors["web"]["enabled"]) == (False, False)


async def test_stop_and_start_answer_as_clients_expect() -> None:
    async with running_bot() as bot:
        assert await post(bot, "telegram/start") == (409, {"success": False, **both("the connector is running already")})
        status, body = await post(bot, "telegram/stop")
        assert (status, body["success"]) == (200, True)
        assert isinstance(body["message"], str)
        assert (await post(bot, "telegram/stop"))[0] == 200, "stopping what is stopped succeeds"
        assert bot.runtime.fleet.status("telegram")["status"] == "stopped"
        status, body = await post(bot, "telegram/start")
        assert (status, body["success"]) == (200, True)
        await bot.clock.advance(0)
        assert bot.runtime.fleet.status("telegram")["running"] is True


async def test_of_many_starts_at_once_one_wins() -> None:
    async with running_bot() as bot:
        await post(bot, "telegram/stop")
        answers = await asyncio.gather(*(post(bot, "telegram/start") for _ in range(8)))
        assert sorted(status for status, _ in answers) == [200] + [409] * 7
        await bot.clock.advance(0)
        assert bot.connector.most_open == 1


async def test_a_reconnecting_bot_can_be_stopped_and_not_started() -> None:
    async with running_bot() as bot:
        bot.connector.lose(ConnectionLost("gone"))
        await bot.clock.advance(0)
        assert bot.runtime.fleet.status("telegram")["status"] == "reconnecting"
        assert (await post(bot, "telegram/start"))[0] == 409
        assert (await post(bot, "telegram/stop"))[0] == 200
        assert (await post(bot, "telegram/start"))[0] == 200


async def test_a_failed_bot_can_be_started_again() -> None:
    async with running_bot() as bot:
        bot.connector.lose(CredentialsRefused("no"))
        await bot.clock.advance(0)
        assert bot.runtime.fleet.status("telegram")["status"] == "failed"
        assert (await post(bot, "telegram/start"))[0] == 200


@pytest.mark.parametrize("action", ["start", "test"])
async def test_what_is_not_configured_is_a_bad_request(action: str) -> None:
    config = f"""
telegram: {{enabled: true, bot_token: "{TOKEN}"}}
discord: {{enabled: true}}
"""
    async with running_bot(config=config) as bot:
        for platform in ("matrix", "discord"):  # no section; no token
            status, body = await post(bot, f"{platform}/{action}")
            assert (status, body["success"]) == (400, False), platform
            assert platform in str(body["error"])
            assert body["error"] == body["detail"]
        assert (await post(bot, "discord/stop"))[0] == 200


async def test_unknown_platforms_are_a_bad_request_whatever_they_look_like() -> None:
    async with running_bot() as bot:
        for platform in ROUGH_IDS:
            for action in ("start", "stop", "test"):
                status, body = await post(bot, f"{platform}/{action}")
                assert status in (400, 404), platform
                assert body["success"] is False
                assert len(str(body["error"])) < 300


async def test_a_test_of_credentials_says_who_the_bot_is_or_why_not() -> None:
    async with running_bot() as bot:
        assert await post(bot, "telegram/test") == (200, {"success": True, "bot_name": "fake"})
        bot.connector.failures.append(CredentialsRefused(f"{TOKEN} is refused"))
        status, body = await post(bot, "telegram/test")
        assert (status, body["success"], body["error"]) == (200, False, "[redacted] is refused")


class Fussy(FakeConnector):
    """Its test fails with what the test says."""

    error: Exception = ValueError("words of a library, with a path /home/someone")

    async def test(self) -> Mapping[str, str]:
        raise self.error


async def test_the_words_of_a_library_are_not_told() -> None:
    async with running_bot(connector=Fussy()) as bot:
        status, body = await post(bot, "telegram/test")
        assert (status, body["success"]) == (200, False)
        assert "someone" not in str(body)
        Fussy.error = ConnectorError("the platform says no")
        assert (await post(bot, "telegram/test"))[1]["error"] == "the platform says no"


class Veto:
    """Lets nothing stop."""

    armed = False

    @hookimpl
    def on_status_change(self, change: StatusChange) -> None:
        if self.armed and change.new == "stopped":
            raise InvalidTransition(change.platform, change.old, change.new)


async def test_a_veto_of_a_plugin_is_a_conflict() -> None:
    veto = Veto()
    async with running_bot(extra_plugins={"veto": lambda _context: veto}) as bot:
        veto.armed = True
        status, body = await post(bot, "telegram/stop")
        veto.armed = False
    assert (status, body["success"]) == (409, False)


def both(text: str) -> dict[str, str]:
    return {"error": text, "detail": text}
