"""What limiters are asked in a benchmark, the same for all. Standard library only: it runs in every environment."""

import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import accumulate, chain, repeat
from typing import Any

LIMIT = 10
CHECKS = 20_000
"""Checks of one round among many chats."""

Check = Callable[..., Any]
Make = Callable[[float], tuple[str, Check]]
"""Takes the window; gives how the check is called, and the check. `now`: with key and time. `sync`: with the key. `async`: awaited."""


def key(number: int) -> str:
    """A chat's id, a new object each time, as it comes from a platform."""
    return str(10**9 + number)


class Chosen:
    """Chats that come, in one order for all contestants."""

    def __init__(self, crowd: int, pattern: str) -> None:
        self._rng = random.Random(crowd)
        self._crowd = crowd
        self._weights = list(accumulate(1 / (rank + 1) for rank in range(crowd))) if pattern == "zipf" else None

    def next(self, count: int) -> list[str]:
        """The coming ones."""
        if self._weights is None:
            return [key(self._rng.randrange(self._crowd)) for _ in range(count)]
        return [key(one) for one in self._rng.choices(range(self._crowd), cum_weights=self._weights, k=count)]


async def run(kind: str, check: Check, keys: Sequence[str]) -> float:
    """Nanoseconds of CPU time a check."""
    monotonic = time.monotonic
    began = time.process_time()
    if kind == "async":
        for one in keys:
            await check(one)
    elif kind == "sync":
        for one in keys:
            check(one)
    else:
        for one in keys:
            check(one, monotonic())
    return (time.process_time() - began) / len(keys) * 1e9


class Measured:
    """One limiter in one process; a crowd that was there once stays."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self._crowds: dict[int, tuple[str, Check]] = {}
        self._chosen: dict[tuple[int, str], Chosen] = {}

    async def few(self, outcome: str) -> float:
        """A thousand chats, each ten times, all admitted; or ten times more, all refused."""
        kind, check = self._make(60.0)
        keys = [key(number % 1000) for number in range(1000 * LIMIT)]
        admitted = await run(kind, check, keys)
        return admitted if outcome == "admit" else await run(kind, check, [key(number % 1000) for number in range(1000 * LIMIT)])

    async def many(self, crowd: int, pattern: str) -> float:
        """A crowd in which everybody was there already, checked here and there within one long window."""
        if crowd not in self._crowds:
            self._crowds[crowd] = self._make(86_400.0)
            await run(*self._crowds[crowd], [key(number) for number in range(crowd)])
        chosen = self._chosen.setdefault((crowd, pattern), Chosen(crowd, pattern))
        return await run(*self._crowds[crowd], chosen.next(CHECKS))

    async def slowest(self, crowd: int) -> float:
        """Milliseconds of CPU time of the slowest single check while so many new chats arrive, and while they are forgotten."""
        kind, check = self._make(86_400.0)
        worst = 0
        clock, monotonic = time.thread_time_ns, time.monotonic
        late = [86_400.0 * number / 500 for number in range(2000)]  # four more windows; the peers' own clocks know nothing of them
        for number, passed in enumerate(chain(repeat(0.0, crowd), late if kind == "now" else [])):
            one = key(number % crowd)
            began = clock()
            if kind == "async":
                await check(one)
            elif kind == "sync":
                check(one)
            else:
                check(one, monotonic() + passed)
            worst = max(worst, clock() - began)
        return worst / 1e6

    async def held(self, spent: int, crowd: int = 20_000) -> float:
        """Bytes a chat that each have spent so many tokens; their ids not counted."""
        import gc
        import tracemalloc

        keys = [key(number) for number in range(crowd)]
        kind, check = self._make(86_400.0)
        gc.collect()
        tracemalloc.start()
        for _ in range(spent):
            await run(kind, check, keys)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return held / crowd


def arrivals(count: int, seed: int = 89) -> list[tuple[float, str]]:
    """Seconds and chats in order: floods, steady and random chats, bursts round a full minute, and pairs exactly one window apart.

    All but the random ones lie on a grid of 1/64 s, on which floats are exact.
    """
    rng = random.Random(seed)
    coming: list[tuple[float, str]] = []
    chats = 0
    while len(coming) < count:
        chat, now = key(chats % 180), 1_000_000.0 + 60 * 20 * (chats // 180) + rng.randrange(60 * 64) / 64
        chats += 1
        coming.extend((one, chat) for one in rng.choice((_edges, _minutes, _steady, _flood, _random))(now, rng))
    return sorted(coming)[:count]


def _edges(now: float, rng: random.Random) -> list[float]:
    """Late in one window and early in the next: once, nine times, and ten times exactly a window after the first."""
    return [now + round_ * 300 + step for round_ in range(3) for step in [0.0] + [rng.choice((59.0, 59.5))] * 9 + [60.0] * 10]


def _minutes(now: float, rng: random.Random) -> list[float]:
    """Ten messages on either side of a full minute."""
    minute = now // 60 * 60
    return [minute + number * 240 + rng.choice((-0.5, 0.25)) for number in range(1, 4) for _ in range(20)]


def _steady(now: float, rng: random.Random) -> list[float]:
    """Just at the limit, or a little above."""
    return [now + number * rng.choice((6.0, 5.5)) for number in range(60)]


def _flood(now: float, rng: random.Random) -> list[float]:
    """Four messages a second for two minutes."""
    return [now + number / 4 for number in range(480)]


def _random(now: float, rng: random.Random) -> list[float]:
    """As if by chance, some ten a minute."""
    return [now := now + rng.expovariate(1 / 5) for _ in range(60)]


class Judge:
    """Knows what would have been right, given what was admitted before."""

    def __init__(self, window: float = 60.0) -> None:
        self._window = window
        self._admitted: dict[str, deque[float]] = {}
        self.wrong_admits = 0
        self.wrong_refusals = 0

    def note(self, now: float, chat: str, admitted: bool) -> None:
        """What a limiter said."""
        stamps = self._admitted.setdefault(chat, deque(maxlen=LIMIT))
        room = len(stamps) < LIMIT or now - stamps[0] >= self._window
        self.wrong_admits += admitted and not room
        self.wrong_refusals += room and not admitted
        if admitted:
            stamps.append(now)


async def judged(kind: str, check: Check, set_time: Callable[[float], None], count: int) -> dict[str, int]:
    """Wrong answers among so many arrivals."""
    judge = Judge()
    for now, chat in arrivals(count):
        set_time(now)
        judge.note(now, chat, await ask(kind, check, chat, now))
    return {"wrong_admits": judge.wrong_admits, "wrong_refusals": judge.wrong_refusals}


async def ask(kind: str, check: Check, chat: str, now: float) -> bool:
    """Whether a message is admitted; the limiters of kind `now` answer None for yes."""
    if kind == "now":
        return check(chat, now) is None
    answer: bool | Awaitable[bool] = check(chat)
    return bool(answer if isinstance(answer, bool | int) else await answer)
