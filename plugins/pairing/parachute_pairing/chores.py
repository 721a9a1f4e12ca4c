"""Work that outlives the call that began it, and never the plugin's lifespan."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")


class Chores:
    """Owns the plugin's tasks: at the end, what must be whole is awaited and what may break off is cancelled."""

    def __init__(self) -> None:
        self._writes: set[asyncio.Task[Any]] = set()
        self._background: set[asyncio.Task[None]] = set()

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` to its end even when whoever waits for it is cancelled, as the handler of a dropped HTTP request is."""
        task = asyncio.create_task(work)
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)
        return await asyncio.shield(task)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work`, which handles its own errors, in the background until it ends or the lifespan does."""
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        # A write may begin background work when it ends, so writes come first.
        while self._writes:
            await asyncio.wait(set(self._writes))
        for task in set(self._background):
            task.cancel()
        if self._background:
            await asyncio.wait(set(self._background))
