"""Who was told already: a chat that goes on over its limit hears of it once, not at every message."""

from collections import OrderedDict
from collections.abc import Hashable


class Episodes:
    """An episode begins with a chat's first refusal and ends with its next admitted message.

    Memory holds only chats that were refused lately: a chat refused a whole `window` ago is admitted when it comes again, so
    its episode need not be remembered.
    """

    def __init__(self, window: float) -> None:
        self._window = window
        self._told: OrderedDict[Hashable, float] = OrderedDict()

    def begins(self, key: Hashable, now: float) -> bool:
        """Note a refusal at `now` (monotonic seconds); True for the first of an episode."""
        self._forget(now)
        if key in self._told:
            return False
        self._told[key] = now
        return True

    def ended(self, key: Hashable, now: float) -> None:
        """Note that a message was admitted."""
        if self._told:
            self._told.pop(key, None)
            self._forget(now)

    def __len__(self) -> int:
        """How many chats are remembered."""
        return len(self._told)

    def _forget(self, now: float) -> None:
        # Two for each that can come in: it keeps up, and no single message pays for a crowd.
        for _ in range(2):
            if not self._told or now - next(iter(self._told.values())) < self._window:
                return
            self._told.popitem(last=False)
