"""A wait that a platform asked for is kept over a restart and a crash: nobody calls it before it is over."""

import shutil
from pathlib import Path

import pytest

from parachute_core import NotDelivered
from parachute_core.model.traits import Rate, Traits
from parachute_core.testing import FakeClock, RunningBot, running_bot
from parachute_core.testing.connector import FakeConnector
from parachute_core.testing.scripted import LONG_WAIT, Fate, ScriptedConnector, ScriptedPlatform

WHOLE = Traits(max_length=4096, rate=Rate(100, 50.0))
"""Counts the calls of all chats together."""
EACH = Traits(max_length=4096, chat_rate=lambda _: Rate(100, 50.0))


def after(seconds: float) -> FakeClock:
    """The clock of the next process, so much later."""
    clock = FakeClock()
    clock.jump_wall(seconds)
    return clock


async def pass_time(bot: RunningBot, seconds: float) -> None:
    await bot.settled()
    await bot.clock.advance(seconds)
    await bot.settled()


@pytest.mark.parametrize("traits", [WHOLE, EACH])
async def test_a_wait_that_is_kept_is_over_when_the_platform_said(tmp_path: Path, traits: Traits) -> None:
    platform = ScriptedPlatform(traits)
    platform.fate = lambda _: Fate.LATER
    async with running_bot(["retry"], connector=ScriptedConnector(platform), home=tmp_path) as bot:
        await bot.say("hello")
        await bot.settled()
    assert len(platform.calls) == 1
    platform.fate = lambda _: Fate.DELIVERED
    clock = after(LONG_WAIT - 100)
    async with running_bot(["retry"], connector=ScriptedConnector(platform), home=tmp_path, clock=clock) as bot:
        await bot.say("and now")
        await pass_time(bot, 98)
        assert len(platform.calls) == 1
        await pass_time(bot, 3)
        assert platform.texts("1") == ["hello", "and now"]


async def test_where_all_chats_are_counted_together_none_is_called_before_the_time(tmp_path: Path) -> None:
    platform = ScriptedPlatform(WHOLE)
    platform.fate = lambda _: Fate.LATER
    async with running_bot(["retry"], allowed=("1", "2"), connector=ScriptedConnector(platform), home=tmp_path) as bot:
        await bot.say("hello")
        await bot.settled()
    platform.fate = lambda _: Fate.DELIVERED
    async with running_bot(["retry"], connector=ScriptedConnector(platform), home=tmp_path, clock=after(100)) as bot:
        await bot.say("another chat", "2")
        await pass_time(bot, LONG_WAIT - 102)
        assert len(platform.calls) == 1
        for _ in range(3):
            await pass_time(bot, 60)
        assert (platform.texts("1"), platform.texts("2")) == (["hello"], ["another chat"])


async def test_a_wait_that_is_slept_through_is_kept_over_a_kill(tmp_path: Path) -> None:
    async with running_bot(["retry"], home=tmp_path / "first") as bot:
        bot.connector.outcomes.append(NotDelivered("too many", 30.0))
        await bot.say("hello")
        await bot.clock.sleeping(30.0)
        shutil.copytree(tmp_path / "first", tmp_path / "second")  # what a killed process leaves behind
    connector = FakeConnector()
    async with running_bot(["retry"], connector=connector, home=tmp_path / "second", clock=after(10)) as bot:
        await pass_time(bot, 19)
        assert bot.texts() == []
        await pass_time(bot, 2)
        assert bot.texts() == ["hello"]


async def test_a_clock_that_was_set_back_costs_one_more_wait_and_no_more(tmp_path: Path) -> None:
    platform = ScriptedPlatform(EACH)
    platform.fate = lambda _: Fate.LATER
    async with running_bot(["retry"], connector=ScriptedConnector(platform), home=tmp_path) as bot:
        await bot.say("hello")
        await bot.settled()
    platform.fate = lambda _: Fate.DELIVERED
    async with running_bot(["retry"], connector=ScriptedConnector(platform), home=tmp_path, clock=after(-86_400)) as bot:
        await pass_time(bot, LONG_WAIT - 1)
        assert len(platform.calls) == 1
        await pass_time(bot, 2)
        assert platform.texts("1") == ["hello"]


async def test_a_wait_of_the_bots_own_ends_with_the_restart(tmp_path: Path) -> None:
    platform = ScriptedPlatform(EACH)
    platform.fate = lambda _: Fate.REFUSED
    async with running_bot({"retry": {"waits": []}}, connector=ScriptedConnector(platform), home=tmp_path) as bot:
        await bot.say("hello")
        await bot.settled()
    platform.fate = lambda _: Fate.DELIVERED
    async with running_bot({"retry": {"waits": []}}, connector=ScriptedConnector(platform), home=tmp_path) as bot:
        await bot.settled()
        assert platform.texts("1") == ["hello"]
