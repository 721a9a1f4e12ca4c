"""Discord bans an address that makes too many refused requests; well before that, no more are made."""

from collections import deque

from parachute_core.clock import Clock
from parachute_core.model.errors import NotDelivered

WINDOW = 600.0
"""Seconds over which Discord counts."""
MOST = 2000
"""Refused requests (401, 403, 429) in that time; Discord bans at 10,000, and others may share the address."""


class Refusals:
    """Counts the refused requests of the last ten minutes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=MOST)

    def count(self) -> None:
        """One more was refused."""
        self._times.append(self._clock.monotonic())

    def check(self) -> None:
        """Raise `NotDelivered` while there were too many."""
        if len(self._times) == MOST and (left := self._times[0] + WINDOW - self._clock.monotonic()) > 0:
            raise NotDelivered("too many requests were refused lately; Discord would ban this address", left)
