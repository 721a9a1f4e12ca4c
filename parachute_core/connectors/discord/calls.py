"""REST calls: each ends in an answer or in a `SendError`."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from parachute_core.clock import Clock
from parachute_core.connectors.discord.errors import is_refusal, send_error
from parachute_core.connectors.discord.refusals import Refusals
from parachute_core.model.errors import Ambiguous

T = TypeVar("T")


class Calls:
    """Makes calls that are finished even when whoever asked is cancelled.

    A call that is cancelled while the library lets it wait for its turn would block all that come after it.
    """

    def __init__(self, clock: Clock) -> None:
        self._refusals = Refusals(clock)
        self._open: set[asyncio.Task[Any]] = set()

    async def make(self, call: Coroutine[Any, Any, T]) -> T:
        """Await one call of the library. Raises `SendError`."""
        try:
            self._refusals.check()
        except BaseException:
            call.close()
            raise
        task = asyncio.ensure_future(call)
        self._open.add(task)
        task.add_done_callback(self._ended)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            asked = asyncio.current_task()
            if task.cancelled() and not (asked and asked.cancelling()):
                raise Ambiguous("the connection was closed") from None
            raise
        except Exception as error:
            raise send_error(error) from error

    async def close(self) -> None:
        """Cancel what is open; returns once nothing runs."""
        open_calls = tuple(self._open)
        for task in open_calls:
            task.cancel()
        await asyncio.gather(*open_calls, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._open.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Exception) and is_refusal(error):
            self._refusals.count()
