"""The same packages under a clock that a benchmark moves: it stands in for the machine's before any of them is imported."""

import time


class Clock:
    """Monotonic time and the wall clock's distance from it, both in seconds; None lets real time through."""

    now: float | None = None
    wall = 1_700_000_000.0


real = time.monotonic
time.monotonic = lambda: real() if Clock.now is None else Clock.now
time.monotonic_ns = lambda: int(time.monotonic() * 1e9)
time.time = lambda: Clock.wall + time.monotonic()
time.time_ns = lambda: int(time.time() * 1e9)

import asyncio  # noqa: E402 - after the clock

from benchmarks.crowd import LIMIT, Make, ask, judged  # noqa: E402
from benchmarks.peers.limiters import MAKERS  # noqa: E402


def exact(make: Make):
    async def judge(count: int) -> dict[str, int]:
        asyncio.get_running_loop().time = time.monotonic
        kind, check = make(60.0)

        def move(now: float) -> None:
            Clock.now = now

        try:
            found = await judged(kind, check, move, count)
            for name, step, passes in (("after_step_back", -3600.0, 61.0), ("after_step_forward", 61.0, 0.0)):
                move(5_000_000.0)
                kind, check = make(60.0)
                for _ in range(LIMIT):
                    await ask(kind, check, "chat", 0.0)
                Clock.wall += step
                move(5_000_000.0 + passes)
                found[name] = sum([await ask(kind, check, "chat", 0.0) for _ in range(LIMIT + 2)])
        finally:
            Clock.now = None
        return found

    return judge


CASES = {name: exact(make) for name, make in MAKERS.items()}
