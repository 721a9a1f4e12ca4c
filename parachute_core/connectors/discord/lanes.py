"""Work in order within a channel, while channels do not wait for each other."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

Job = Callable[[], Awaitable[None]]

MOST_WAITING = 1000
"""Events of one channel that may wait; what comes on top is dropped, so that a flood cannot fill the memory."""


class Lanes:
    """One queue for each channel that has something to do; a quiet channel leaves no trace."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._waiting: dict[str, deque[Job]] = {}
        self._working: set[asyncio.Task[None]] = set()

    def put(self, channel_id: str, job: Job) -> None:
        """Run `job` after everything that was put into the channel's lane before. Its exceptions are logged by class."""
        if channel_id in self._waiting:
            if len(self._waiting[channel_id]) >= MOST_WAITING:
                self._logger.warning("too many events wait for a channel", extra={"chat_id": channel_id})
                return
            self._waiting[channel_id].append(job)
            return
        self._waiting[channel_id] = deque([job])
        task = asyncio.create_task(self._work(channel_id))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def close(self) -> None:
        """Cancel everything; returns once nothing runs."""
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)

    async def _work(self, channel_id: str) -> None:
        waiting = self._waiting[channel_id]
        try:
            while waiting:
                try:
                    await waiting.popleft()()
                except Exception as error:
                    self._logger.error("an event could not be handled", extra={"chat_id": channel_id, "error": type(error).__name__})
                    self._logger.debug("an event could not be handled", exc_info=error)
        finally:
            del self._waiting[channel_id]
