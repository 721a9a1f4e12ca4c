"""The only file that reads the time or sleeps; everything else is given a `Clock`."""

import asyncio
import time
from collections.abc import Awaitable
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Clock(Protocol):
    """Time as the bot sees it. Tests pass a fake one."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back; only differences mean something."""
        ...

    def now(self) -> datetime:
        """The wall clock, aware, in UTC. It may jump when the machine's clock is set."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds`; zero or less only yields once to the other tasks."""
        ...


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return time.monotonic()

    def now(self) -> datetime:
        """See `Clock.now`."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        await asyncio.sleep(max(0.0, seconds))


async def next_turn() -> None:
    """Return once every other task that can go on had its turn. No time passes, on no clock."""
    await asyncio.sleep(0)


async def within(clock: Clock, seconds: float, work: Awaitable[T]) -> T:
    """Await `work` for at most `seconds` of `clock`; raises `TimeoutError` after, with `work` cancelled and unwound."""
    task = asyncio.ensure_future(work)
    both: set[asyncio.Future[Any]] = {task}
    try:
        # Nearly everything is done in its first turn; an alarm for it would cost more than the work.
        await next_turn()
        if not task.done():
            both.add(asyncio.ensure_future(clock.sleep(seconds)))
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise TimeoutError
    finally:
        for one in both:
            one.cancel()
        if len(both) > 1 or not task.done():
            await asyncio.gather(*both, return_exceptions=True)
        elif not task.cancelled():
            task.exception()  # looked at, also when it is a cancellation that is raised
