"""What people say in groups while the bot is not meant: kept for a while, so that the agent knows what the next question is about."""

import html
from collections import deque

from parachute_core.engine.manners import Manners
from parachute_core.model.message import ChatRef, Inbound
from parachute_core.model.names import plain_name, plain_text
from parachute_core.model.turn import Overheard
from parachute_core.store.lru import LeastRecentlyUsed

MOST_CHATS = 500
"""Groups that are remembered; the one that was quiet for longest is forgotten first."""
LONGEST_TEXT = 500
"""Characters of one message that are kept."""
NAMELESS = "somebody"


class Overhearing:
    """In memory alone, and within bounds. What strangers say is in it too: it is data for the agent, never more."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._groups: LeastRecentlyUsed[ChatRef, deque[Overheard]] = LeastRecentlyUsed(MOST_CHATS)

    def note(self, message: Inbound) -> None:
        """Keep a message that is not for the bot."""
        most = self._manners.group_history(message.platform)
        if not most or not message.text.strip():
            return
        kept = self._groups.get(message.chat)
        said = Overheard(escaped_name(message) or NAMELESS, html.escape(plain_text(message.text, LONGEST_TEXT), quote=False))
        self._groups.put(message.chat, deque([*(kept or ()), said], maxlen=most))

    def take(self, chat: ChatRef) -> tuple[Overheard, ...]:
        """What was said since this was asked last, oldest first."""
        said = self._groups.get(chat)
        self._groups.forget(chat)
        return tuple(said or ())


def escaped_name(message: Inbound) -> str | None:
    """The sender's name as an agent may be given it, or None."""
    name = plain_name(message.user_name or "")
    return html.escape(name, quote=False) if name else None
