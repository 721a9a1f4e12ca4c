"""Events reach the other plugins in the order in which the changes were committed."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import Context, copy_context

from parachute_core import PairingEvent


class Announcements:
    """A queue in front of `PluginContext.announce`: filled while the desk writes, emptied after."""

    def __init__(self, announce: Callable[[PairingEvent], Awaitable[None]]) -> None:
        self._announce = announce
        self._waiting: deque[tuple[PairingEvent, Context]] = deque()
        self._delivering = False

    def add(self, event: PairingEvent) -> None:
        """Queue an event of a change that was committed. It is told on behalf of whoever caused it, whoever delivers it."""
        self._waiting.append((event, copy_context()))

    async def deliver(self) -> None:
        """Tell what waits. Whoever calls while another delivers leaves it to them, so a listener may itself cause a change."""
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._waiting:
                event, cause = self._waiting.popleft()
                await asyncio.create_task(self._tell(event), context=cause)
        finally:
            self._delivering = False

    async def _tell(self, event: PairingEvent) -> None:
        await self._announce(event)
