"""The rule: may this chat send one more message now? Time is passed in; nothing here waits, logs or knows of messages.

Each chat has a bucket of `limit` tokens, and each token comes back `window` seconds after it was spent. That is the same as
remembering when the last `limit` messages were admitted and asking whether the oldest of them is a window old: so it is done here.
"""

from bisect import bisect_left
from collections.abc import Hashable
from struct import Struct

_stamp = Struct("d")
_pack, _unpack, _SIZE = _stamp.pack, _stamp.unpack_from, _stamp.size


class TokenBuckets:
    """The buckets of all chats.

    No span of `window` seconds, however it lies, admits more than `limit` messages of one key; a message that finds fewer than
    `limit` admitted in the window before it is admitted. Two messages exactly `window` apart do not share a window.

    Memory holds only what was admitted in the last three windows. Records live in two generations: what is admitted is written to
    the fresh one, and once a window has passed the fresh one becomes the older and the older is dropped, whole. Nothing in it can
    still count then, as it was written before the fresh generation began, at least a window ago.
    """

    __slots__ = ("_began", "_fresh", "_full", "_older", "_window")

    def __init__(self, limit: int, window: float) -> None:
        # A record is the chat's stamps, oldest first, packed into bytes: 8 bytes a message, and no work for the garbage collector.
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
        stamps = self._fresh.get(key)
        if stamps is None:
            stamps = self._take_over(key, now)
        if len(stamps) < self._full:
            self._fresh[key] = stamps + _pack(now)
            return None
        age: float = now - _unpack(stamps)[0]
        if age < self._window:
            return self._window - age
        self._fresh[key] = stamps[_SIZE:] + _pack(now)
        return None

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._fresh) + len(self._older)

    def _begin(self, now: float) -> None:
        """Begin a new generation."""
        # After two quiet windows the fresh one holds nothing that counts either; the third keeps rounding out of the question.
        self._older = self._fresh if now - self._began < 3 * self._window else {}
        self._fresh = {}
        self._began = now

    def _take_over(self, key: Hashable, now: float) -> bytes:
        """Move what still counts of the key's record from the older generation to the fresh one; empty when there is nothing."""
        stamps = self._older.pop(key, b"")
        if stamps and now - _unpack(stamps)[0] >= self._window:
            each = memoryview(stamps).cast("d")
            stamps = stamps[_SIZE * bisect_left(each, True, key=lambda stamp: now - stamp < self._window) :]
        if stamps:
            self._fresh[key] = stamps
        return stamps
