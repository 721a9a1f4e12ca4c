"""Sessions in memory, by id and by chat."""

from parachute_core.model.message import ChatRef
from parachute_core.model.session import Session
from parachute_core.store.lru import LeastRecentlyUsed


class SessionCache:
    """At most `capacity` sessions and as many chats. What does not exist is not remembered: strangers could fill it with that."""

    def __init__(self, capacity: int) -> None:
        self._sessions: LeastRecentlyUsed[str, Session] = LeastRecentlyUsed(capacity)
        self._newest: LeastRecentlyUsed[ChatRef, str] = LeastRecentlyUsed(capacity)

    def get(self, session_id: str) -> Session | None:
        """The session, when it is in memory."""
        return self._sessions.get(session_id)

    def newest(self, chat: ChatRef) -> str | None:
        """The id of the chat's newest session, when it is in memory."""
        return self._newest.get(chat)

    def remember(self, session: Session, *, newest: bool) -> Session:
        """Keep what the table says now, and with `newest` that it is the chat's newest; returns it."""
        self._sessions.put(session.id, session)
        if newest:
            self._newest.put(session.chat, session.id)
        return session

    def forget(self, session_id: str) -> None:
        """Read this session anew next time."""
        self._sessions.forget(session_id)

    def forget_chat(self, chat: ChatRef) -> None:
        """Find the chat's newest session anew next time."""
        self._newest.forget(chat)

    def __len__(self) -> int:
        return max(len(self._sessions), len(self._newest))
