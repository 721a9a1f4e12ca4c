"""Hours without the platform, a database that somebody else holds, a clock that is set: nothing is lost, nothing doubled."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.drain import backlog, in_memory, journalled
from parachute_core import ConnectionLost
from parachute_core.model.outgoing import Outgoing
from parachute_core.model.traits import Traits
from parachute_core.testing import RunningBot, running_bot
from parachute_core.testing.scripted import Fate, ScriptedConnector, ScriptedPlatform

USERS = ("1", "2", "3")


async def pass_time(bot: RunningBot, seconds: float) -> None:
    """Move time on, with a moment for the database in between."""
    settled = asyncio.create_task(bot.settled())
    while not settled.done():
        await asyncio.wait({settled}, timeout=0.005)
        await bot.clock.advance(0.5)
    await settled
    await bot.clock.advance(seconds)


async def everything_sent(bot: RunningBot) -> bool:
    rows = await bot.runtime.store.fetch_all("SELECT state FROM outbox")
    return {row["state"] for row in rows} == {"sent"}


@pytest.mark.parametrize("down", [Fate.REFUSED, Fate.LATER])
async def test_an_hour_without_the_platform_is_made_up_for_in_order(down: Fate) -> None:
    platform = ScriptedPlatform(Traits(max_length=4096))
    async with running_bot(["retry", "sessionguard"], allowed=USERS, connector=ScriptedConnector(platform)) as bot:
        platform.fate = lambda _: down
        for number in range(6):
            for user in USERS:
                await bot.say(f"{number}", user)
            await pass_time(bot, 600)
        platform.fate = lambda _: Fate.DELIVERED
        for _ in range(4):
            await pass_time(bot, 3700)
        await bot.settled()
        assert [platform.texts(user) for user in USERS] == [["0", "1", "2", "3", "4", "5"]] * 3
        assert await everything_sent(bot)


async def test_a_chat_that_is_refused_holds_up_no_other_one() -> None:
    platform = ScriptedPlatform(Traits(max_length=4096))
    async with running_bot(["retry"], allowed=USERS, connector=ScriptedConnector(platform)) as bot:
        platform.fate = lambda outgoing: Fate.LATER if outgoing.chat_id == "1" else Fate.DELIVERED
        for number in range(3):
            for user in USERS:
                await bot.say(f"{number}", user)
        await bot.settled()
        assert [platform.texts(user) for user in USERS] == [[], ["0", "1", "2"], ["0", "1", "2"]]


@pytest.mark.parametrize("jumps", [(-86_400.0, 0.0), (86_400.0, -172_800.0), (7 * 86_400.0, 0.0)])
async def test_a_clock_that_is_set_neither_loses_nor_doubles_nor_gives_up(jumps: tuple[float, float]) -> None:
    platform = ScriptedPlatform(Traits(max_length=4096, idempotent_messages=True))
    async with running_bot(["retry"], connector=ScriptedConnector(platform)) as bot:
        fates = iter([Fate.ANSWER_LOST, Fate.REFUSED, Fate.UNKNOWN, Fate.REFUSED, Fate.REFUSED])
        platform.fate = lambda _: next(fates, Fate.DELIVERED)
        await bot.say("first", message_id="m1")
        await bot.say("second")
        for jump in jumps:
            await pass_time(bot, 15)
            bot.clock.jump_wall(jump)
            await bot.say("first", message_id="m1")  # the platform brings it again
        for _ in range(4):
            await pass_time(bot, 4000)
        await bot.settled()
        assert platform.texts("1") == ["first", "second"]
        assert await everything_sent(bot)


async def test_a_database_that_another_process_holds_costs_nothing(tmp_path: Path) -> None:
    async with running_bot(["retry"], home=tmp_path) as bot:
        await bot.ask("open a session")
        bot.orchestrator.hold()
        await bot.say("asked before")
        await bot.orchestrator.asked(2)
        with closing(sqlite3.connect(tmp_path / "parachute.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            bot.orchestrator.release()
            with pytest.raises(ConnectionLost, match="store"):  # after five real seconds
                await bot.say("asked meanwhile", message_id="m1")
            other.execute("ROLLBACK")
        await bot.say("asked meanwhile", message_id="m1")
        await pass_time(bot, 60)
        await bot.settled()
        assert bot.texts() == ["open a session", "asked before", "asked meanwhile"]


async def test_a_backlog_drains_in_order_with_few_commits(tmp_path: Path) -> None:
    parcels = backlog(300, 60)
    _, commits = await journalled(parcels, 60, tmp_path / "bot.db")
    assert commits < 0.5
    assert await in_memory(parcels, 60) > 0


async def test_what_is_labelled_at_all_is_labelled_once() -> None:
    platform = ScriptedPlatform(Traits(max_length=4096))
    async with running_bot(["retry"], connector=ScriptedConnector(platform)) as bot:
        calls: list[Outgoing] = platform.calls
        platform.fate = lambda _: Fate.ANSWER_LOST if len(calls) == 1 else Fate.REFUSED
        await bot.say("hello")
        for _ in range(3):
            await pass_time(bot, 1000)
        platform.fate = lambda _: Fate.DELIVERED
        await pass_time(bot, 4000)
        await bot.settled()
        assert platform.texts("1") == ["hello", "(sent again) hello"]
