"""Remember, within bounds, what was said already."""

from collections import OrderedDict
from collections.abc import Hashable


class Once:
    """Says yes the first time a key is seen; remembers the newest `capacity` keys and no more."""

    def __init__(self, capacity: int = 4096) -> None:
        self._seen: OrderedDict[Hashable, None] = OrderedDict()
        self._capacity = capacity

    def first(self, key: Hashable) -> bool:
        """True when the key was not seen since it was last forgotten."""
        if key in self._seen:
            self._seen.move_to_end(key)
            return False
        self._seen[key] = None
        if len(self._seen) > self._capacity:
            self._seen.popitem(last=False)
        return True

    def forget(self, key: Hashable) -> None:
        """The next `first` of this key is True again."""
        self._seen.pop(key, None)
