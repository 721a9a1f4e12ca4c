"""What stays in memory over a million chats and over a day, time simulated."""

import asyncio
import gc
import tracemalloc
from collections.abc import Iterator
from itertools import count

from parachute_ratelimit.bucket import TokenBuckets

from benchmarks.crowd import LIMIT, key
from benchmarks.harness import Row, Table, show
from benchmarks.own.bot import PLUGINS, Echo, Wire, message
from parachute_core.testing import RunningBot, running_bot

DAY, MINUTE, HOUR = 24 * 3600, 60, 3600
CHATS = 1_000_000
EACH_HOUR = 1600
"""Messages of the simulated day's each hour: an allowed user in ever new groups, and strangers."""


def traced() -> int:
    """Bytes that Python has allocated since tracing began, garbage taken away."""
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def limiter_day() -> Iterator[int]:
    """Bytes of the limiter at the end of each hour in which its share of a million new chats came."""
    buckets, number = TokenBuckets(LIMIT, MINUTE), 0
    for _ in range(24):
        for _ in range(CHATS // 24):
            buckets.check_rate_limit(key(number), number * DAY / CHATS)
            number += 1
        yield traced()


async def core_day() -> list[int]:
    """Bytes of a bot with all plugins at the end of each hour, after the limiter's windows have passed."""
    held: list[int] = []
    numbers = count()
    async with running_bot(PLUGINS, connector=Wire(), orchestrator=Echo()) as bot:
        for _ in range(24):
            await hour(bot, numbers)
            held.append(traced())
    return held


async def hour(bot: RunningBot, numbers: "count[int]") -> None:
    """An hour's messages, spread over it."""
    for _ in range(8):
        for _ in range(EACH_HOUR // 8):
            number = next(numbers)
            stranger = number % 2
            await bot.connector.link.receive(
                message(number, chat=f"chat-{number}", user=f"chat-{number}") if stranger else message(number, chat=f"group-{number}")
            )
        await bot.settled()
        await bot.clock.advance(HOUR / 8)
        bot.clock.sleeps.clear()


def memory() -> Table:
    """The table: each row's ratio is to its own first hour."""
    tracemalloc.start()
    limiter = list(limiter_day())
    tracemalloc.stop()
    tracemalloc.start()
    core = asyncio.run(core_day())
    tracemalloc.stop()
    rows = [
        Row(f"{name}, hour {at + 1}", (held[at] / 1024,), (held[at] / held[0],))
        for name, held in (("limiter", limiter), ("whole bot", core))
        for at in (0, 5, 11, 17, 23)
    ]
    rows += [Row("limiter, most at the end of an hour", (max(limiter) / 1024,), (max(limiter) / limiter[0],))]
    notes = (f"A day: {CHATS:,} new chats for the limiter; {24 * EACH_HOUR:,} messages in as many new chats for the bot.",)
    table = Table("memory", "Memory over a simulated day", "KiB", tuple(rows), "its first hour", notes)
    show(table)
    return table
