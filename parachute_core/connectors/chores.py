"""Work beside the messages whose failure is worth a line in the log and nothing more."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any


class Chores:
    """Tasks that end by themselves, or when the connection does."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._open: set[asyncio.Task[None]] = set()

    def begin(self, what: str, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Start it; a failure is logged by its class, so the task that is returned never fails."""
        task = asyncio.create_task(self._do(what, work))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        return task

    async def close(self) -> None:
        """Cancel what is open; returns once nothing runs."""
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _do(self, what: str, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            self._logger.warning("could not %s", what, extra={"error": type(error).__name__})
            self._logger.debug("could not %s", what, exc_info=error)
