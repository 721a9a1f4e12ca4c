"""Slash commands whose answer is still to come: should the channel not take it, their acknowledgements are all that can tell."""

from collections import OrderedDict, deque

from parachute_core.clock import Clock
from parachute_core.connectors.discord.slash import Used

GOOD_FOR = 840.0
"""Seconds in which the acknowledgement of a command can be changed; Discord says fifteen minutes."""
MOST_CHANNELS = 1000
MOST_IN_ONE = 10
"""Channels, and commands of one channel, that are remembered."""


class Unanswered:
    """Commands of the last minutes, by channel."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._used: OrderedDict[str, deque[tuple[float, Used]]] = OrderedDict()

    def note(self, channel_id: str, used: Used) -> None:
        """A command was used."""
        self._used.setdefault(channel_id, deque(maxlen=MOST_IN_ONE)).append((self._clock.monotonic(), used))
        self._used.move_to_end(channel_id)
        if len(self._used) > MOST_CHANNELS:
            self._used.popitem(last=False)

    def take(self, channel_id: str) -> tuple[Used, ...]:
        """Those of the channel whose acknowledgement can still be changed; they are forgotten."""
        now = self._clock.monotonic()
        return tuple(used for at, used in self._used.pop(channel_id, ()) if now - at < GOOD_FOR)
