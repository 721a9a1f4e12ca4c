"""The calls of a platform that are under way, for which a connection is held open a little longer when it is given up."""

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager

from parachute_core.clock import Clock, within

LONGEST = 5.0
"""Seconds that calls on their way get: closing a connection under a message would leave open whether it arrived."""


class OpenCalls:
    """Counts them; one for all connections of a connector."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = 0
        self._one_ended = asyncio.Event()

    @contextmanager
    def one(self) -> Iterator[None]:
        """A call is under way within the block."""
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1
            self._one_ended.set()

    async def ended(self) -> None:
        """Return once none is under way, after `LONGEST` at the latest."""
        with contextlib.suppress(TimeoutError):
            await within(self._clock, LONGEST, self._all_ended())

    async def _all_ended(self) -> None:
        while self._count:
            self._one_ended.clear()
            await self._one_ended.wait()
