"""Groups that became supergroups, by the id they had before."""

MOST = 1000
"""Chats that are remembered; the oldest is forgotten, and told again by Telegram when it is used."""


class Moved:
    """Where messages for a chat go now."""

    def __init__(self) -> None:
        self._new: dict[str, str] = {}

    def current(self, chat_id: str) -> str:
        """The id under which the chat is reached."""
        return self._new.get(chat_id, chat_id)

    def remember(self, old: str, new: str) -> None:
        """The chat has another id from now on."""
        if len(self._new) >= MOST:
            del self._new[next(iter(self._new))]
        self._new[old] = new
