"""How soon each view of the owner's page answers with 10,000 people, 10,000 sessions and 100,000 entries in the audit log.

usage: python -m benchmarks.desk      exit status 1 when a view takes longer than it may
"""

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from parachute_core.admin.desk.views import VIEWS
from parachute_core.testing import RunningBot, running_bot

PEOPLE, SESSIONS, ENTRIES = 10_000, 10_000, 100_000
MAY_TAKE = 0.1
"""Seconds."""
TIMES = 15
PLUGINS = ("ratelimit", "retry", "pairing", "sessionguard")
DEEP = ("/people?q=99", "/people?offset=9000", "/sessions?offset=9000", "/audit?offset=90000", "/audit?who=owner", "/audit?user_id=77")
"""Besides the first page of each view: far ones, and what is sought."""


async def fill(bot: RunningBot) -> None:
    """Rows as the bot itself would write them."""
    began = datetime(2026, 1, 1, tzinfo=UTC)
    moments = [(began + timedelta(seconds=number)).isoformat(timespec="microseconds") for number in range(ENTRIES)]
    store = bot.runtime.store
    await store.write_all(
        [
            (
                "INSERT INTO people (platform, user_id, name, seen_at) VALUES ('telegram', :id, :name, :at)",
                [{"id": str(number), "name": f"Somebody {number}", "at": moments[number]} for number in range(PEOPLE)],
            ),
            (
                "INSERT INTO sessions (id, platform, chat_id, position, chat_type, user_id, trust_level, archived, created_at, last_used)"
                " VALUES (:id, 'telegram', :id, 1, 'dm', :id, 'sandboxed', 0, :at, :at)",
                [{"id": str(number), "at": moments[number]} for number in range(SESSIONS)],
            ),
            (
                "INSERT INTO audit (at, who, what, platform, user_id, why) VALUES (:at, :who, :what, 'telegram', :id, 'a reason in words')",
                [
                    {"at": at, "who": ("core", "owner", "pairing")[number % 3], "what": "allowed", "id": str(number % PEOPLE)}
                    for number, at in enumerate(moments)
                ],
            ),
        ]
    )


@asynccontextmanager
async def large_bot(home: Path) -> AsyncIterator[RunningBot]:
    """A bot with so many rows, and a hundred requests that wait."""
    people = [str(number + 1) for number in range(PEOPLE)]
    async with running_bot(PLUGINS, allowed=people, serve=True, home=home) as bot:
        for number in range(100):
            await bot.say("let me in", str(PEOPLE + 10 + number), name=f"Stranger {number}")
        await bot.settled()
        await fill(bot)
        yield bot


async def measure(bot: RunningBot, times: int = TIMES, clock: Callable[[], float] = time.perf_counter) -> dict[str, list[float]]:
    """Seconds by `clock` of each request, by path."""
    found: dict[str, list[float]] = {}
    async with httpx.AsyncClient(base_url=bot.url, headers={"Accept": "text/html"}) as client:
        await client.post("/login", data={"key": bot.runtime.key})
        for path in [*(view.path for view in VIEWS), *DEEP]:
            for _ in range(times):
                began = clock()
                answer = await client.get(path)
                found.setdefault(path, []).append(clock() - began)
                assert answer.status_code == 200, path
                assert answer.url.path == path.partition("?")[0]
    return found


async def main() -> int:
    """Print the slowest and the median of each; 1 where one is too slow."""
    with TemporaryDirectory() as folder:
        async with large_bot(Path(folder)) as bot:
            found = await measure(bot)
    print(f"{'view':32}{'median':>10}{'slowest':>10}   milliseconds")
    for path, seconds in found.items():
        print(f"{path:32}{statistics.median(seconds) * 1000:10.1f}{max(seconds) * 1000:10.1f}")
    return int(any(max(seconds) > MAY_TAKE for seconds in found.values()))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
