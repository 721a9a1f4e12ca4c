"""Time that stands still until a test moves it."""

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)
TURNS = 40
"""Turns of the event loop that everybody gets after time was moved."""


class FakeClock:
    """A `Clock` that only `advance` moves. `sleeps` lists every wait that was asked for, in seconds."""

    def __init__(self, start: datetime = START) -> None:
        self.sleeps: list[float] = []
        self._elapsed = 0.0
        self._wall = start
        self._numbers = itertools.count()
        self._sleepers: list[tuple[float, int, float, asyncio.Future[None]]] = []
        self._somebody_slept = asyncio.Event()

    def monotonic(self) -> float:
        """See `Clock.monotonic`. Starts at 1000 seconds."""
        return 1000.0 + self._elapsed

    def now(self) -> datetime:
        """See `Clock.now`."""
        return self._wall + timedelta(seconds=self._elapsed)

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`. Ends when the time was advanced that far."""
        self.sleeps.append(seconds)
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + seconds, next(self._numbers), seconds, wake))
        self._somebody_slept.set()
        await wake

    async def advance(self, seconds: float) -> None:
        """Move time on, waking each sleeper at its own moment and letting the others run in between."""
        end = self._elapsed + seconds
        await _let_run()
        while (due := self._next_due()) is not None and due <= end + 1e-9:
            _, _, _, wake = heapq.heappop(self._sleepers)
            self._elapsed = max(self._elapsed, due)
            wake.set_result(None)
            await _let_run()
        self._elapsed = end
        await _let_run()

    async def leap(self, seconds: float) -> None:
        """Move time on at once, as a machine that was suspended finds it: whoever sleeps until then wakes late, and once."""
        self._elapsed += seconds
        await self.advance(0)

    async def sleeping(self, seconds: float, within: float = 5.0) -> None:
        """Return once somebody sleeps who asked for exactly `seconds`. Fails after `within` real seconds."""
        async with asyncio.timeout(within):
            while not any(asked == seconds and not wake.done() for _, _, asked, wake in self._sleepers):
                self._somebody_slept.clear()
                await self._somebody_slept.wait()

    async def run(self) -> None:
        """Let time pass by itself, ten times as fast as the real one, until cancelled."""
        while True:
            await self.advance(0.2)
            await asyncio.sleep(0.02)

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[None]:
        """Time passes by itself within the block; see `run`."""
        task = asyncio.create_task(self.run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def jump_wall(self, seconds: float) -> None:
        """Set the machine's clock forward or back; monotonic time does not notice."""
        self._wall += timedelta(seconds=seconds)

    def _next_due(self) -> float | None:
        while self._sleepers and self._sleepers[0][3].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None


async def _let_run() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)
