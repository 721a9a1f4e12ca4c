"""Encrypted messages whose key is not there yet: keys travel by another way than messages, and may come after them."""

from collections import OrderedDict
from typing import NamedTuple

from parachute_core.clock import Clock
from parachute_core.connectors.matrix.api import Api
from parachute_core.connectors.matrix.told import Raw

WAIT = 60.0
"""Seconds for which a key is waited for."""
MOST = 200
"""Messages that wait; the oldest is given up first."""


class Waiting(NamedTuple):
    """A message, and when it is given up."""

    room_id: str
    event: Raw
    until: float


class LateKeys:
    """Of this process: what waits when it ends is not read any more."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock
        self._waiting: OrderedDict[str, Waiting] = OrderedDict()

    def wait(self, room_id: str, event: Raw) -> None:
        """A message that cannot be decrypted came."""
        self._waiting[str(event.get("event_id"))] = Waiting(room_id, event, self._clock.monotonic() + WAIT)

    def look(self) -> tuple[list[tuple[str, Raw]], list[str]]:
        """The messages that can be read by now, with their rooms, and the rooms of those that are given up."""
        readable: list[tuple[str, Raw]] = []
        given_up: list[str] = []
        for event_id, (room_id, event, until) in list(self._waiting.items()):
            if (found := self._api.decrypted(room_id, event)) is not None:
                readable.append((room_id, found))
            elif self._clock.monotonic() >= until or len(self._waiting) > MOST:
                given_up.append(room_id)
            else:
                continue
            del self._waiting[event_id]
        return readable, given_up
