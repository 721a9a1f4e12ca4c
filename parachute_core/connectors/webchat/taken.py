"""Which messages were taken lately, so that one that a client sends again after a lost connection is not answered twice."""

from collections import OrderedDict
from enum import Enum, auto

REMEMBERED = 4096
"""Messages of all visitors together that are remembered; the oldest is forgotten first."""


class Progress(Enum):
    """How far a message has come."""

    BEGUN = auto()
    ACKNOWLEDGED = auto()


class Taken:
    """The messages of the last while, by visitor and the client's own id of the message."""

    def __init__(self) -> None:
        self._progress: OrderedDict[tuple[str, str], Progress] = OrderedDict()

    def begin(self, user_id: str, message_id: str) -> bool:
        """Note that this message is being handed over; False when it was before."""
        if (user_id, message_id) in self._progress:
            return False
        self._progress[user_id, message_id] = Progress.BEGUN
        if len(self._progress) > REMEMBERED:
            self._progress.popitem(last=False)
        return True

    def forget(self, user_id: str, message_id: str) -> None:
        """The handing over failed: sent again, it counts as new."""
        self._progress.pop((user_id, message_id), None)

    def acknowledge(self, user_id: str, message_id: str) -> bool:
        """Note that the client is told; False when it was told before."""
        told = self.acknowledged(user_id, message_id)
        if (user_id, message_id) in self._progress:
            self._progress[user_id, message_id] = Progress.ACKNOWLEDGED
        return not told

    def acknowledged(self, user_id: str, message_id: str) -> bool:
        """Whether the client was told that the message was taken."""
        return self._progress.get((user_id, message_id)) is Progress.ACKNOWLEDGED
