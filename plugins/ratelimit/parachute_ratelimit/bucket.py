"""The rule: may this key spend one more token now? Time is passed in; nothing here waits, logs or knows of messages.

Each key has a bucket of `limit` tokens, and each token comes back `window` seconds after it was spent. That is the same as
remembering when the last `limit` tokens were spent and asking whether the oldest of these stamps is a window old: so it is done here.
"""

from bisect import bisect_left
from struct import Struct

_stamp = Struct("d")
_pack, _unpack, _SIZE = _stamp.pack, _stamp.unpack_from, _stamp.size

SHARDS = 256
"""Parts that the keys are spread over, a power of two: what grows or is dropped at once is never more than one of them."""
_LAST = SHARDS - 1
AT_ONCE = 256
"""Records that one check forgets at most: a crowd that has gone is forgotten by the next messages together, not by one of them."""

# A record is a key's last stamps, oldest first, packed into bytes: 8 bytes a token, and no work for the garbage collector.
Records = dict[str, bytes]


class TokenBuckets:
    """The buckets of all keys.

    No span of `window` seconds, however it lies, sees more than `limit` tokens of one key spent; a key that spent fewer than `limit`
    in the window before may spend one. Two tokens spent exactly `window` apart do not share a window.

    Stamps are written into the fresh of a shard's two generations. When that is a window old it becomes the older one, once what was
    in the older one, in which nothing is younger than a window any more, is forgotten. So memory holds the keys of the last two
    windows and nothing else, no key is looked for in a sweep, and forgetting never gives a token back early.
    """

    __slots__ = ("_began", "_due", "_full", "_shards", "_turn", "_window")

    def __init__(self, limit: int, window: float) -> None:
        self._full = limit * _SIZE
        self._window = window
        self._shards: list[tuple[Records, Records]] = [({}, {}) for _ in range(SHARDS)]
        self._began = [float("-inf")] * SHARDS
        self._turn = 0
        """The shard whose generation is the oldest; they take turns."""
        self._due = float("-inf")

    def check_rate_limit(self, key: str, now: float) -> float | None:
        """Spend a token of `key`: None when there was one, else the seconds (above 0) until there is one, and nothing is spent.

        `now` is in seconds on a clock that never goes back.
        """
        if now >= self._due:
            self._begin(now)
        fresh, older = self._shards[hash(key) & _LAST]
        record = fresh.get(key)
        if record is None:
            record = self._young(older.get(key, b""), now)
        if len(record) == self._full:
            (stamp,) = _unpack(record)
            age: float = now - stamp
            if age < self._window:
                return self._window - age
            record = record[_SIZE:]
        fresh[key] = record + _pack(now)
        return None

    def give_back(self, key: str) -> None:
        """Undo a check of `key` that spent a token and was the last one made: as if it had not been asked."""
        fresh, _ = self._shards[hash(key) & _LAST]
        # The stamp that a full record lost to the new one was a window old: it decides nothing any more.
        record = fresh[key][:-_SIZE]
        if record:
            fresh[key] = record
        else:
            del fresh[key]

    def __len__(self) -> int:
        """How many keys are remembered."""
        return sum(len(fresh.keys() | older.keys()) for fresh, older in self._shards)

    def _young(self, record: bytes, now: float) -> bytes:
        """The stamps of a record that are not yet a window old: of a long one, only these are taken into the next generation."""
        stamps = memoryview(record).cast("d")
        return record[_SIZE * bisect_left(stamps, True, key=lambda stamp: now - stamp < self._window) :]

    def _begin(self, now: float) -> None:
        """Begin a new generation in each shard whose last one is a window old, as far as one check may go."""
        left = AT_ONCE
        while now - self._began[self._turn] >= self._window:
            fresh, older = self._shards[self._turn]
            # One by one, newest first: a dict that is dropped whole frees a crowd's memory in one go, and that takes milliseconds.
            while older and left:
                older.popitem()
                left -= 1
            if older:
                return
            self._shards[self._turn] = {}, fresh
            self._began[self._turn] = now
            self._turn = (self._turn + 1) % SHARDS
        self._due = self._began[self._turn] + self._window
