"""`within`: an alarm only for what needs one, and nothing left behind whatever happens."""

import asyncio

import pytest

from parachute_core.clock import within
from parachute_core.testing import FakeClock


class Work:
    """Waits until it is let go, and notes how it ended."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.ended = ""

    async def __call__(self) -> str:
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            self.ended = "cancelled"
            raise
        self.ended = "done"
        return "result"


async def test_what_is_done_at_once_needs_no_alarm() -> None:
    clock, work = FakeClock(), Work()
    work.gate.set()
    assert await within(clock, 5.0, work()) == "result"
    assert clock.sleeps == []


async def test_what_takes_longer_is_cancelled_and_unwound() -> None:
    clock, work = FakeClock(), Work()
    waiting = asyncio.create_task(within(clock, 5.0, work()))
    await clock.sleeping(5.0)
    await clock.advance(4.9)
    assert not waiting.done()
    await clock.advance(0.1)
    with pytest.raises(TimeoutError):
        await waiting
    assert work.ended == "cancelled"


async def test_what_is_done_in_time_is_returned() -> None:
    clock, work = FakeClock(), Work()
    waiting = asyncio.create_task(within(clock, 5.0, work()))
    await clock.sleeping(5.0)
    work.gate.set()
    assert await waiting == "result"


@pytest.mark.parametrize("turns", range(1, 5))
async def test_a_cancellation_at_any_moment_unwinds_the_work(turns: int) -> None:
    clock, work = FakeClock(), Work()
    waiting = asyncio.create_task(within(clock, 5.0, work()))
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert work.ended in ("cancelled", "")  # or it was never begun
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_an_error_is_passed_on() -> None:
    async def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await within(FakeClock(), 5.0, fail())
