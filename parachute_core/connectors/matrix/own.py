"""Which events the bot wrote itself, so that a reply to one of them is known to be for the bot."""

from parachute_core.connectors.matrix.api import Api
from parachute_core.connectors.matrix.faults import MatrixError
from parachute_core.store.lru import LeastRecentlyUsed

MOST = 2000
"""Events that are remembered; an older one is looked up again."""


class OwnEvents:
    """Of this process, and what had to be looked up."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: LeastRecentlyUsed[str, bool] = LeastRecentlyUsed(MOST)

    def note(self, event_id: str, *, own: bool = True) -> None:
        """Remember whose an event is."""
        self._known.put(event_id, own)

    async def wrote(self, room_id: str, event_id: str, me: str) -> bool:
        """Whether the bot wrote the event; False where that cannot be found out."""
        own = self._known.get(event_id)
        if own is None:
            try:
                event = await self._api.event(room_id, event_id)
            except MatrixError:
                return False
            own = event.get("sender") == me
            self.note(event_id, own=own)
        return own
