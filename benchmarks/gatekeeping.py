"""Three checks that every framework is given, as plain as they can be: a limit, an allowlist, a session. Standard library only."""

import time
from collections import deque

CHATS = 50
TIMES = 1_000
"""Messages of a round."""


class Gates:
    """Who may pass."""

    def __init__(self) -> None:
        self.reached = 0
        """Messages that reached the handler."""
        self._stamps: dict[str, deque[float]] = {}
        self._allowed = {"1"}
        self._sessions = {str(chat): "active" for chat in range(CHATS)}

    def limited(self, chat: str) -> bool:
        """Whether this message is one too many; the limit is far off."""
        now = time.monotonic()
        stamps = self._stamps.get(chat)
        if stamps is None:
            stamps = self._stamps[chat] = deque(maxlen=10_000)
        if len(stamps) == 10_000 and now - stamps[0] < 60.0:
            return True
        stamps.append(now)
        return False

    def allowed(self, user: str) -> bool:
        """Whether the user may talk to the bot."""
        return user in self._allowed

    def open(self, chat: str) -> bool:
        """Whether the chat's session is open."""
        return self._sessions.get(chat) == "active"
