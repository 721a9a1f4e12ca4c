"""The rule: may this chat send one more message now? Time is passed in; nothing here waits, logs or knows of messages.

Each chat has a bucket of `limit` tokens, and each token comes back `window` seconds after it was spent. That is the same as
remembering when the last `limit` messages were admitted and asking whether the oldest of them is a window old: so it is done here.
"""

from collections.abc import Hashable
from struct import Struct

_stamp = Struct("d")
_pack, _unpack, _SIZE = _stamp.pack, _stamp.unpack_from, _stamp.size


class TokenBuckets:
    """The buckets of all chats.

    No span of `window` seconds, however it lies, admits more than `limit` messages of one key; a message that finds fewer than
    `limit` admitted in the window before it is admitted. Two messages exactly `window` apart do not share a window.

    Stamps are written into the fresh of two generations. When that is a window old it becomes the older one, and the older one,
    in which nothing is younger than a window any more, is dropped whole. So memory holds the messages admitted in the last few
    windows and nothing else, no sweep is needed, and forgetting never gives a token back early.
    """

    __slots__ = ("_began", "_fresh", "_full", "_older", "_window")

    def __init__(self, limit: int, window: float) -> None:
        # A record is a chat's stamps, oldest first, packed into bytes: 8 bytes a message, and no work for the garbage collector.
        self._full = limit * _SIZE
        self._window = window
        self._fresh: dict[Hashable, bytes] = {}
        self._older: dict[Hashable, bytes] = {}
        self._began = float("-inf")

    def check_rate_limit(self, key: Hashable, now: float) -> float | None:
        """Spend a token of `key`: None when there was one, else the seconds (above 0) until there is one, and nothing is spent.

        `now` is in seconds on a clock that never goes back.
        """
        if now - self._began >= self._window:
            self._begin(now)
        older = self._older.get(key, b"")
        fresh = self._fresh.get(key, b"")
        # Where both records, taken as one, hold the last `limit` stamps: the first of these decides.
        at = len(older) + len(fresh) - self._full
        if at >= 0:
            (stamp,) = _unpack(older, at) if at < len(older) else _unpack(fresh)
            age: float = now - stamp
            if age < self._window:
                return self._window - age
        self._fresh[key] = fresh + _pack(now)
        return None

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._fresh.keys() | self._older.keys())

    def _begin(self, now: float) -> None:
        """Begin a new generation."""
        # After two quiet windows the fresh one holds nothing that counts either; the third keeps rounding out of the question.
        self._older = self._fresh if now - self._began < 3 * self._window else {}
        self._fresh = {}
        self._began = now
