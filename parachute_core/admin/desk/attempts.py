"""How often may be guessed."""

from collections import OrderedDict, deque

from parachute_core.clock import Clock

WITHIN = 60.0
"""Seconds."""
EACH = 5
"""Wrong tries of one address within that time."""
ALL = 60
"""Of all addresses together: many of them must not guess faster than that."""
REMEMBERED = 1024
"""Addresses."""


class Attempts:
    """Counts wrong tries; who has had enough of them is not even listened to."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: deque[float] = deque()
        self._each: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, address: str) -> float | None:
        """Seconds until this address may try again; None: now."""
        waits = [self._until_free(self._all, ALL)]
        if address in self._each:
            waits.append(self._until_free(self._each[address], EACH))
        longest = max(waits)
        return longest if longest > 0 else None

    def failed(self, address: str) -> None:
        """A wrong try was made."""
        now = self._clock.monotonic()
        self._all.append(now)
        self._each.setdefault(address, deque()).append(now)
        self._each.move_to_end(address)
        while len(self._each) > REMEMBERED:
            self._each.popitem(last=False)

    def _until_free(self, tries: deque[float], most: int) -> float:
        now = self._clock.monotonic()
        while tries and now - tries[0] >= WITHIN:
            tries.popleft()
        return 0.0 if len(tries) < most else tries[0] + WITHIN - now
