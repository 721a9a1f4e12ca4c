"""One run: visitors arrive, are let in, write at a steady rate, and leave."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from parachute_core.clock import Clock
from parachute_core.loading.figures import Figures, tally, usage
from parachute_core.loading.target import NoTarget, Target
from parachute_core.loading.visitor import Visitor

ARRIVING = 32
"""Visitors that open the page at the same time."""
TICK = 0.01
"""Seconds between two looks at what is due."""
DRAINED_WITHIN = 10.0
"""Seconds that answers may still come after the last message."""
ADMITTED_WITHIN = 30.0
"""Seconds in which the bot must have followed the file."""
SETTLED_AFTER = 2.0
"""Seconds that it then gets to put on record whom it lets in, before anything is measured."""

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done."""

    visitors: int
    rate: float
    """Messages a second of all visitors together, each in its turn."""
    seconds: float
    flood: float = 0.0
    """How many times as much as the limit one more visitor sends; 0: there is none."""


async def drive(target: Target, plan: Plan, allowed: Callable[[], int], clock: Clock, progress: Progress) -> Figures:
    """Carry out a plan. `allowed` asks the bot how many it lets in; `progress` is told which share of the time has passed.

    Raises `NoTarget` when not every visitor gets in, `ConfigError` when the file cannot be changed.
    """
    visitors = [Visitor(clock) for _ in range(plan.visitors)]
    flooders = [Visitor(clock)] if plan.flood else []
    everybody = [*visitors, *flooders]
    with ExitStack() as stack:
        for one in everybody:
            stack.callback(one.leave)
        await _arrive(target, everybody)
        wanted = allowed() + len(everybody)
        stack.enter_context(target.admitted([one.user_id for one in everybody]))
        await _followed(wanted, allowed, clock)
        await clock.sleep(SETTLED_AFTER)
        before, began = usage(target.pid), clock.monotonic()
        async with asyncio.TaskGroup() as group:
            group.create_task(_write(visitors, plan.rate, plan.seconds, clock, progress))
            if flooders:
                limit, window = target.limit()
                group.create_task(_write(flooders, plan.flood * limit / window, plan.seconds, clock))
        took = clock.monotonic() - began
        await _drained(visitors, clock)
        after, span = usage(target.pid), clock.monotonic() - began
        result = tally(visitors)
        flood = tally(flooders) if flooders else None
        cpu = after.cpu - before.cpu if before and after else None
        answers = result.answered + (flood.answered if flood else 0)
        return Figures(
            visitors=result,
            flood=flood,
            seconds=round(took, 2),
            rate=round(result.answered / took, 2),
            resident=after.resident if after else None,
            cpu=None if cpu is None else round(cpu / span, 3),
            cpu_each=None if cpu is None or not answers else round(cpu / answers * 1000, 3),
        )


async def _arrive(target: Target, visitors: Sequence[Visitor]) -> None:
    room = asyncio.Semaphore(ARRIVING)

    async def arrive(one: Visitor) -> None:
        async with room:
            await one.arrive(target.address, target.port)

    came = await asyncio.gather(*(arrive(one) for one in visitors), return_exceptions=True)
    for error in came:
        if isinstance(error, OSError):
            raise NoTarget(f"not every visitor could open the chat: {str(error) or type(error).__name__}") from None
        if error is not None:
            raise error


async def _followed(wanted: int, allowed: Callable[[], int], clock: Clock) -> None:
    until = clock.monotonic() + ADMITTED_WITHIN
    while allowed() < wanted:
        if clock.monotonic() > until:
            raise NoTarget("the bot does not follow its bots.yaml, so its visitors are not let in")
        await clock.sleep(0.25)


async def _write(visitors: Sequence[Visitor], rate: float, seconds: float, clock: Clock, progress: Progress = lambda _: None) -> None:
    """Whatever the bot does: somebody who waits for it would not notice that it is slow."""
    began, sent = clock.monotonic(), 0
    while (passed := clock.monotonic() - began) < seconds:
        while sent < passed * rate:
            visitors[sent % len(visitors)].say()
            sent += 1
        progress(passed / seconds)
        await clock.sleep(TICK)
    progress(1.0)


async def _drained(visitors: Sequence[Visitor], clock: Clock) -> None:
    until = clock.monotonic() + DRAINED_WITHIN
    while clock.monotonic() < until and any(one.unanswered and not one.told_off for one in visitors):
        await clock.sleep(0.05)
