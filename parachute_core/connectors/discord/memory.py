"""Which messages came in lately, so that what was missed can be fetched and nothing is handed over twice."""

from collections import OrderedDict
from dataclasses import dataclass, field

MOST_CHANNELS = 200
"""Conversations that are remembered; the one that was quiet for longest is forgotten first."""
RECENT = 256
"""Messages of a conversation that are recognised when they come again."""


@dataclass(slots=True)
class Conversation:
    """A channel in which somebody spoke to the bot."""

    direct: bool
    last_id: int = 0
    """The newest message that came in."""
    _recent: "OrderedDict[int, None]" = field(default_factory=OrderedDict)

    def first_time(self, message_id: int) -> bool:
        """Note a message; False when it was noted before."""
        if message_id in self._recent:
            return False
        self._recent[message_id] = None
        if len(self._recent) > RECENT:
            self._recent.popitem(last=False)
        self.last_id = max(self.last_id, message_id)
        return True


class Memory:
    """The conversations of this process. Nothing of it is kept over a restart."""

    def __init__(self) -> None:
        self._conversations: OrderedDict[str, Conversation] = OrderedDict()

    def find(self, channel_id: str) -> Conversation | None:
        """The conversation in a channel, or None when nobody spoke to the bot there."""
        return self._conversations.get(channel_id)

    def enter(self, channel_id: str, *, direct: bool) -> Conversation:
        """The conversation in a channel, begun if there was none; it counts as the one in use last."""
        conversation = self._conversations.setdefault(channel_id, Conversation(direct))
        self._conversations.move_to_end(channel_id)
        if len(self._conversations) > MOST_CHANNELS:
            self._conversations.popitem(last=False)
        return conversation

    def forget(self, channel_id: str) -> None:
        """The channel cannot be read any more."""
        self._conversations.pop(channel_id, None)

    def channels(self) -> tuple[str, ...]:
        """The channels that are remembered."""
        return tuple(self._conversations)
