"""Several pictures sent as one: each is a message of its own to the Bot API, and one message to whoever sent them."""

from dataclasses import replace

from parachute_core.model.message import ChatRef, Inbound
from parachute_core.store.lru import LeastRecentlyUsed

MOST = 1000
"""Albums that are known; their parts come within a second or two, so the oldest are over."""


class Albums:
    """The first part for the bot stands for all. Nothing waits for the others: what comes later is left out, but for its caption."""

    def __init__(self) -> None:
        self._first: LeastRecentlyUsed[tuple[ChatRef, str], str] = LeastRecentlyUsed(MOST)
        """By chat and album, the message id of the part that stands for it."""

    def part(self, message: Inbound, album: str) -> Inbound | None:
        """The message as it is handed over; None: nothing is left of it. The same part, delivered again, comes out the same."""
        if not message.addressed:
            return message
        first = self._first.get((message.chat, album)) or message.message_id
        self._first.put((message.chat, album), first)
        if message.message_id == first:
            return message
        return replace(message, attachments=()) if message.text.strip() else None
