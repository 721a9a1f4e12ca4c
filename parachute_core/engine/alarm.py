"""Wakes what waits for a time, with one sleeping task for all of it."""

import asyncio
import heapq
from collections.abc import Callable

from parachute_core.clock import Clock
from parachute_core.model.message import ChatRef


class Alarm:
    """Calls `ring` with a chat when its time has come. A chat that is set twice rings twice."""

    def __init__(self, clock: Clock, ring: Callable[[ChatRef], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._times: list[tuple[float, ChatRef]] = []
        self._task: asyncio.Task[None] | None = None
        self._sleeps_until = 0.0

    def set(self, chat: ChatRef, at: float) -> None:
        """Ring for the chat at this monotonic time, in seconds."""
        heapq.heappush(self._times, (at, chat))
        if self._task is not None and at < self._sleeps_until:
            self._task.cancel()
            self._task = None
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Ring no more."""
        self._times.clear()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None

    async def _run(self) -> None:
        while self._times:
            self._sleeps_until = self._times[0][0]
            if (wait := self._sleeps_until - self._clock.monotonic()) > 0:
                await self._clock.sleep(wait)
            while self._times and self._times[0][0] <= self._clock.monotonic():
                self._ring(heapq.heappop(self._times)[1])
        self._task = None
