"""Events reach the other plugins in the order in which the changes were committed."""

from collections import deque
from collections.abc import Awaitable, Callable

from parachute_core import PairingEvent


class Announcements:
    """A queue in front of `PluginContext.announce`: filled while the desk writes, emptied after."""

    def __init__(self, announce: Callable[[PairingEvent], Awaitable[None]]) -> None:
        self._announce = announce
        self._waiting: deque[PairingEvent] = deque()
        self._delivering = False

    def add(self, event: PairingEvent) -> None:
        """Queue an event of a change that was committed."""
        self._waiting.append(event)

    async def deliver(self) -> None:
        """Tell what waits. Whoever calls while another delivers leaves it to them, so a listener may itself cause a change."""
        if self._delivering:
            return
        self._delivering = True
        try:
            while self._waiting:
                await self._announce(self._waiting.popleft())
        finally:
            self._delivering = False
