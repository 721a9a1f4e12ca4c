"""Slash commands whose answer the channel does not take: whoever used one is told so, by the only way that is left."""

from collections import OrderedDict, deque

from hikari.api import RESTClient

from parachute_core.clock import Clock
from parachute_core.connectors.discord.calls import Calls
from parachute_core.connectors.discord.slash import Used

GOOD_FOR = 840.0
"""Seconds in which the acknowledgement of a command can be changed; Discord says fifteen minutes."""
MOST_CHANNELS = 1000
MOST_IN_ONE = 10
"""Channels, and commands of one channel, that are remembered."""
CANNOT_WRITE = "I cannot write in this channel, so you get no answer here. Somebody who manages it can allow me to send messages."


class Unanswered:
    """Commands of the last minutes, by channel."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._used: OrderedDict[str, deque[tuple[float, Used]]] = OrderedDict()

    def note(self, channel_id: str, used: Used) -> None:
        """A command was used and acknowledged."""
        self._used.setdefault(channel_id, deque(maxlen=MOST_IN_ONE)).append((self._clock.monotonic(), used))
        self._used.move_to_end(channel_id)
        if len(self._used) > MOST_CHANNELS:
            self._used.popitem(last=False)

    def written(self, channel_id: str) -> None:
        """The channel takes messages."""
        self._used.pop(channel_id, None)

    async def refused(self, rest: RESTClient, calls: Calls, channel_id: str) -> None:
        """The channel takes no messages: change the acknowledgements that still can be changed. Raises `SendError`."""
        now = self._clock.monotonic()
        for at, used in self._used.pop(channel_id, ()):
            if now - at < GOOD_FOR:
                await calls.make(rest.edit_interaction_response(used.application_id, used.token, CANNOT_WRITE))
