"""The life of a connector, as the owner sees it: states, proof of life, reconnecting, parking. Through a whole running bot."""

import asyncio

import pytest

from parachute_core import (
    AlreadyRunning,
    ConnectionLost,
    CredentialsRefused,
    InvalidTransition,
    NotConfigured,
    StatusChange,
    UnknownPlatform,
    hookimpl,
)
from parachute_core.connectors.base import Link
from parachute_core.engine.housekeeping import EVERY
from parachute_core.testing import FakeClock, FakeConnector, RunningBot, running_bot


def status(bot: RunningBot) -> dict[str, object]:
    return bot.runtime.fleet.status("telegram")


async def test_running_needs_a_proof_of_life() -> None:
    class Silent(FakeConnector):
        async def run(self, link: Link) -> None:
            await asyncio.Event().wait()

    async with running_bot(connector=Silent()) as bot:
        assert status(bot)["status"] == "starting"
        assert status(bot)["running"] is False


async def test_status_tells_the_proof() -> None:
    async with running_bot() as bot:
        await bot.clock.advance(5)
        report = status(bot)
        assert report["status"] == "running"
        assert report["last_proof"] == "fake poll"
        assert report["last_proof_at"] == bot.clock.now().timestamp() - 5
        assert report["uptime"] == 5
        assert {"enabled", "has_token", "failure_count", "last_error", "last_error_time", "last_message_time"} <= report.keys()
        assert (report["enabled"], report["has_token"], report["allowed_users_count"]) == (True, True, 1)


async def test_two_concurrent_starts_make_one_connector() -> None:
    async with running_bot() as bot:
        fleet = bot.runtime.fleet
        await fleet.stop("telegram")
        outcomes = await asyncio.gather(fleet.start("telegram"), fleet.start("telegram"), return_exceptions=True)
        await bot.clock.advance(0)
        assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyRunning", "NoneType"]
        assert (bot.connector.open, bot.connector.most_open) == (1, 1)


@pytest.mark.parametrize("turns", range(6))
async def test_a_stop_right_after_a_start_leaves_nothing_running(turns: int) -> None:
    async with running_bot() as bot:
        fleet = bot.runtime.fleet
        await fleet.stop("telegram")
        start = asyncio.create_task(fleet.start("telegram"))
        for _ in range(turns):
            await asyncio.sleep(0)
        await fleet.stop("telegram")
        await asyncio.gather(start, return_exceptions=True)
        if turns == 0 and status(bot)["status"] != "stopped":
            await fleet.stop("telegram")  # the stop came first, so the start stands
        await bot.clock.advance(120)
        assert bot.connector.open == 0
        assert status(bot)["status"] == "stopped"


async def test_a_lost_connection_is_made_again_with_growing_full_jitter() -> None:
    async with running_bot() as bot:
        bot.connector.failures.extend(ConnectionLost("no route") for _ in range(12))
        await bot.clock.sleeping(EVERY)  # the house is kept by now, and sleeps for an hour
        bot.clock.sleeps.clear()
        bot.connector.lose(ConnectionLost("reset"))
        await bot.clock.advance(0)
        report = status(bot)
        assert report["status"] == "reconnecting"
        assert report["last_error"] == "reset"
        assert report["next_attempt_at"] == pytest.approx(bot.clock.now().timestamp() + bot.clock.sleeps[0])
        await bot.clock.advance(12 * 60)
        assert status(bot)["status"] == "running"
        assert len(bot.clock.sleeps) == 13
        assert all(0 <= wait <= min(60, 2**number) for number, wait in enumerate(bot.clock.sleeps))
        assert max(bot.clock.sleeps) > 8


async def test_transient_failure_is_never_given_up() -> None:
    async with running_bot() as bot:
        bot.connector.failures.extend(OSError("down") for _ in range(500))
        bot.connector.lose(OSError("down"))
        await bot.clock.advance(24 * 3600)
        assert bot.connector.runs > 300
        await bot.clock.advance(24 * 3600)
        assert status(bot)["status"] == "running"


async def test_the_platforms_own_wait_is_kept() -> None:
    async with running_bot() as bot:
        await bot.clock.sleeping(EVERY)  # the house is kept by now, and sleeps for an hour
        bot.clock.sleeps.clear()
        bot.connector.lose(ConnectionLost("conflict", retry_after=30))
        await bot.clock.advance(29.9)
        assert bot.connector.runs == 1
        await bot.clock.advance(0.2)
        assert bot.connector.runs == 2


async def test_a_minute_of_health_forgives_what_was_before() -> None:
    async with running_bot() as bot:
        for _ in range(20):
            bot.connector.lose(ConnectionLost("blip"))
            await bot.clock.advance(1)
            assert status(bot)["status"] == "running"
            await bot.clock.advance(60)
            assert (status(bot)["reconnect_attempts"], status(bot)["last_error"]) == (0, None)
        assert max(wait for wait in bot.clock.sleeps if wait < 3600) <= 60


async def test_what_ends_a_healthy_spell_is_told() -> None:
    async with running_bot() as bot:
        await bot.clock.advance(3600)
        bot.connector.lose(ConnectionLost("the cable was cut", retry_after=30))
        await bot.clock.advance(1)
        report = status(bot)
        assert (report["status"], report["last_error"], report["failure_count"]) == ("reconnecting", "the cable was cut", 1)
        await bot.clock.advance(30)
        assert (status(bot)["status"], status(bot)["last_error"]) == ("running", "the cable was cut")
        await bot.clock.advance(60)
        assert status(bot)["last_error"] is None


async def test_a_day_of_flapping_ends_running() -> None:
    async with running_bot() as bot:
        for _ in range(24 * 12):
            bot.connector.lose(ConnectionLost("flap"))
            bot.connector.failures.extend([ConnectionLost("flap"), None])
            await bot.clock.advance(300)
        assert status(bot)["status"] == "running"
        assert bot.connector.open == 1


async def test_a_loop_that_returns_unasked_is_a_failure() -> None:
    async with running_bot() as bot:
        bot.connector.lose(None)
        await bot.clock.advance(0)
        assert status(bot)["status"] == "reconnecting"
        assert "without being asked" in str(status(bot)["last_error"])
        await bot.clock.advance(2)
        assert status(bot)["status"] == "running"


async def test_refused_credentials_park_until_they_change() -> None:
    async with running_bot() as bot:
        bot.connector.lose(CredentialsRefused("token refused"))
        await bot.clock.advance(3600)
        assert bot.connector.runs == 1
        assert (status(bot)["status"], status(bot)["last_error"]) == ("failed", "token refused")
        answer = await bot.request("PUT", "/api/bots/config", {"telegram": {"bot_token": "654321:another-token-altogether"}})
        assert answer.status == 200
        await bot.clock.advance(0)
        assert status(bot)["status"] == "running"


async def test_the_token_never_shows_in_the_last_error() -> None:
    async with running_bot() as bot:
        bot.connector.lose(ConnectionLost("refused: 123456:fake-token-of-a-fake-bot"))
        await bot.clock.advance(0)
        assert status(bot)["last_error"] == "refused: [redacted]"


async def test_failed_can_be_started_again() -> None:
    async with running_bot() as bot:
        bot.connector.lose(CredentialsRefused("token refused"))
        await bot.clock.advance(0)
        await bot.runtime.fleet.start("telegram")
        await bot.clock.advance(0)
        assert status(bot)["status"] == "running"


async def test_starting_what_cannot_start_is_refused_with_a_reason() -> None:
    async with running_bot() as bot:
        fleet = bot.runtime.fleet
        with pytest.raises(AlreadyRunning):
            await fleet.start("telegram")
        with pytest.raises(UnknownPlatform):
            await fleet.start("irc")
        with pytest.raises(NotConfigured, match="not configured"):
            await fleet.start("discord")


async def test_a_wrap_send_that_raises_keeps_the_connector_from_starting() -> None:
    class Broken:
        @hookimpl
        def wrap_send(self) -> None:
            raise ValueError("no layer")

    async with running_bot(extra_plugins={"broken": lambda _context: Broken()}) as bot:
        report = status(bot)
        assert report["status"] == "failed"
        assert "broken" in str(report["last_error"])
        assert bot.connector.runs == 0


async def test_a_plugin_that_vetoes_running_does_not_end_the_supervision() -> None:
    vetoes: list[StatusChange] = []

    class Veto:
        @hookimpl
        def on_status_change(self, change: StatusChange) -> None:
            if change.new == "running" and len(vetoes) < 3:
                vetoes.append(change)
                raise InvalidTransition(change.platform, change.old, change.new)

    async with running_bot(extra_plugins={"veto": lambda _context: Veto()}) as bot:
        await bot.clock.advance(60)
        assert len(vetoes) == 3
        assert status(bot)["status"] == "running"


async def test_disabling_a_platform_stops_it_and_an_unrelated_change_leaves_it_alone() -> None:
    async with running_bot() as bot:
        await bot.request("PUT", "/api/bots/config", {"telegram": {"allowed_users": [1, 2]}})
        assert bot.connector.runs == 1
        await bot.request("PUT", "/api/bots/config", {"telegram": {"enabled": False}})
        assert (status(bot)["status"], bot.connector.open) == ("stopped", 0)


async def test_a_stopped_clock_step_changes_nothing() -> None:
    clock = FakeClock()
    async with running_bot(clock=clock) as bot:
        clock.jump_wall(-7200)
        await clock.advance(10)
        assert status(bot)["uptime"] == 10
