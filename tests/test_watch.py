"""What the owner changes in `bots.yaml` by hand while the bot runs."""

import asyncio
from collections.abc import Callable

import pytest

from parachute_core import CredentialsRefused
from parachute_core.engine import texts
from parachute_core.testing import RunningBot, running_bot

PATIENCE = 10.0


def edit(bot: RunningBot, old: str, new: str) -> None:
    path = bot.home / "bots.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


async def until(bot: RunningBot, holds: Callable[[], bool]) -> None:
    """Let the watch look, and wait for the thread in which it reads."""
    await bot.clock.advance(2)
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.005)
            await bot.clock.advance(0)


async def test_a_user_taken_out_by_hand_is_refused_within_seconds() -> None:
    async with running_bot(allowed=("1", "2"), watch=True) as bot:
        assert await bot.ask("hello", "2") == ["hello"]
        edit(bot, "  - 2\n", "")
        await until(bot, lambda: not bot.runtime.access.is_allowed("telegram", "2"))
        assert await bot.ask("still?", "2") == [texts.NOT_ALLOWED]
        assert bot.connector.runs == 1


async def test_a_file_that_cannot_be_used_changes_nothing_and_is_told(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot(watch=True) as bot:
        whole = (bot.home / "bots.yaml").read_text()
        edit(bot, "allowed_users:", "alowed_users:")
        await until(bot, lambda: "did you mean allowed_users?" in caplog.text)
        assert await bot.ask("hello") == ["hello"]
        (bot.home / "bots.yaml").write_text(whole + "web: {enabled: false, allowed_users: [web-1]}\n")
        await until(bot, lambda: bot.runtime.access.is_allowed("web", "web-1"))


async def test_a_file_that_is_gone_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot(watch=True) as bot:
        (bot.home / "bots.yaml").unlink()
        await until(bot, lambda: "cannot be used" in caplog.text)
        assert await bot.ask("hello") == ["hello"]


async def test_a_platform_that_is_switched_off_by_hand_stops() -> None:
    async with running_bot(watch=True) as bot:
        edit(bot, "enabled: true", "enabled: false")
        await until(bot, lambda: bot.connector.open == 0)
        assert bot.runtime.fleet.status("telegram")["status"] == "stopped"
        edit(bot, "telegram:\n  enabled: false", "telegram:\n  enabled: true")
        await until(bot, lambda: bot.connector.open == 1)


async def test_a_new_token_wakes_a_parked_connector() -> None:
    async with running_bot(watch=True) as bot:
        bot.connector.lose(CredentialsRefused("token refused"))
        await bot.clock.advance(0)
        assert bot.runtime.fleet.status("telegram")["status"] == "failed"
        edit(bot, "fake-token", "other-token")
        await until(bot, lambda: bot.connector.open == 1)
        assert bot.runtime.redactor("123456:other-token-of-a-fake-bot") == "[redacted]"


async def test_what_needs_a_start_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot(watch=True) as bot:
        edit(bot, "plugins:\n", "required: [retry]\nplugins:\n")
        await until(bot, lambda: "below required takes effect at the next start" in caplog.text)
        await bot.runtime.access.revoke("telegram", "1")
        await bot.clock.advance(2)
        assert caplog.text.count("next start") == 1


async def test_a_changed_transcriber_needs_a_start(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot(watch=True) as bot:
        edit(bot, "plugins:\n", "transcriber: {use: command, argv: [anything]}\nplugins:\n")
        await until(bot, lambda: "below transcriber takes effect at the next start" in caplog.text)


async def test_a_save_over_the_api_restarts_nothing_twice() -> None:
    async with running_bot(watch=True) as bot:
        answer = await bot.request("PUT", "/api/bots/config", {"telegram": {"bot_token": "654321:another-token-altogether"}})
        assert answer.status == 200
        for _ in range(3):
            await bot.clock.advance(2)
            await asyncio.sleep(0.05)
        assert bot.connector.runs == 2
