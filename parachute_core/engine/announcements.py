"""What happened in the pairing store, told to every plugin, but to none before all of them have started."""

from collections.abc import Awaitable, Callable

from parachute_core.model.pairing import PairingEvent


class Announcements:
    """Holds events back until `open`; from then on each is told at once."""

    def __init__(self) -> None:
        self._held: list[PairingEvent] = []
        self._tell: Callable[[PairingEvent], Awaitable[None]] | None = None

    async def announce(self, event: PairingEvent) -> None:
        """See `PluginContext.announce`."""
        if self._tell is None:
            self._held.append(event)
        else:
            await self._tell(event)

    async def open(self, tell: Callable[[PairingEvent], Awaitable[None]]) -> None:
        """Every plugin has started: tell what was held back, oldest first, and hold nothing back any more."""
        while self._held:
            await tell(self._held.pop(0))
        self._tell = tell
