"""Runs coroutines against each other, one step between two awaits at a time, in an order that a test chooses."""

import asyncio
from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence
from typing import Any

BLOCKED_AFTER = 0.02
"""Real seconds after which an actor that has not come to its next step waits for another one."""


class Actor:
    """One of them. Each of its steps waits for a grant; what it awaits meanwhile goes on by itself."""

    def __init__(self, work: Awaitable[object]) -> None:
        self._work = work
        self._grant: asyncio.Future[None] | None = None
        self.steps = 0
        self.ready = asyncio.Event()
        """It waits for a grant."""
        self.task = asyncio.create_task(self._run())

    def grant(self) -> None:
        """Let it make one step."""
        assert self._grant is not None  # noqa: S101 - it is ready
        self.ready.clear()
        self.steps += 1
        self._grant.set_result(None)

    async def _run(self) -> object:
        return await _Stepped(self)

    def walk(self) -> Generator[Any, None, object]:
        """What the event loop drives."""
        inner = self._work.__await__()
        raised: BaseException | None = None
        while True:
            self._grant = asyncio.get_running_loop().create_future()
            self.ready.set()
            yield from self._grant
            try:
                waited = inner.throw(raised) if raised else next(inner)
            except StopIteration as end:
                value: object = end.value
                return value
            raised = None
            try:
                yield waited
            except BaseException as error:  # noqa: BLE001 - it is the actor's to handle
                raised = error


class _Stepped:
    def __init__(self, actor: Actor) -> None:
        self._actor = actor

    def __await__(self) -> Generator[Any, None, object]:
        return self._actor.walk()


async def interleave(works: Sequence[Callable[[], Awaitable[object]]], order: Sequence[int]) -> list[object]:
    """Run them; `order` says whose step each next one is, as far as that is possible, and then the first that can goes on.

    Returns what each returned or raised.
    """
    actors = [Actor(work()) for work in works]
    wanted: Iterator[int] = iter(order)
    while left := [one for one in actors if not one.task.done()]:
        chosen = next(wanted, None)
        preferred = [] if chosen is None or actors[chosen].task.done() else [actors[chosen]]
        for actor in [*preferred, *left]:
            if await _comes(actor):
                actor.grant()
                await asyncio.wait({actor.task}, timeout=0)
                break
    return list(await asyncio.gather(*(one.task for one in actors), return_exceptions=True))


async def _comes(actor: Actor) -> bool:
    """Whether it is ready, or is so in a moment."""
    arriving = asyncio.ensure_future(actor.ready.wait())
    await asyncio.wait({arriving, actor.task}, timeout=BLOCKED_AFTER, return_when=asyncio.FIRST_COMPLETED)
    arriving.cancel()
    return actor.ready.is_set() and not actor.task.done()


def orders(first: int, second: int) -> Iterator[list[int]]:
    """Every order of two actors of so many steps in which one is interrupted once by the whole of the other, and twice in the middle."""
    for cut in range(first + 1):
        yield [0] * cut + [1] * second
    for cut in range(1, second + 1):
        yield [1] * cut + [0] * first
    for cut in range(1, first):
        yield [0] * cut + [1] * (second // 2) + [0] * first
