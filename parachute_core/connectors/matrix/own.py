"""Which events the bot wrote itself, so that a reply to one of them is known to be for the bot."""

from collections import OrderedDict

from parachute_core.connectors.matrix.api import Api
from parachute_core.connectors.matrix.faults import MatrixError

MOST = 2000
"""Events that are remembered; an older one is looked up again."""


class OwnEvents:
    """Of this process, and what had to be looked up."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: OrderedDict[str, bool] = OrderedDict()

    def note(self, event_id: str, *, own: bool = True) -> None:
        """Remember whose an event is."""
        self._known[event_id] = own
        self._known.move_to_end(event_id)
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    async def wrote(self, room_id: str, event_id: str, me: str) -> bool:
        """Whether the bot wrote the event; False where that cannot be found out."""
        if event_id not in self._known:
            try:
                event = await self._api.event(room_id, event_id)
            except MatrixError:
                return False
            self.note(event_id, own=event.get("sender") == me)
        return self._known[event_id]
