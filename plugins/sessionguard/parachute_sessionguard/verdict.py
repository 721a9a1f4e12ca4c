"""The rule: may anything reach or leave this session?"""

from enum import Enum

from parachute_core import Session

ENDED = "Your session has ended — start a new one with /new"
UNREADABLE = "I can't tell what your session may do, so I have stopped it — start a new one with /new"


class Closed(Enum):
    """Why a session takes no part any more: what the log says, and what the user reads."""

    GONE = ("the session does not exist any more", ENDED)
    ARCHIVED = ("the session is archived", ENDED)
    UNREADABLE = ("the session's trust level cannot be read", UNREADABLE)

    def __init__(self, reason: str, notice: str) -> None:
        self.reason = reason
        self.notice = notice


def closed(session: Session | None) -> Closed | None:
    """Why nothing may reach or leave the session, or None when it is open. What cannot be read is closed."""
    if session is None:
        return Closed.GONE
    if session.archived:
        return Closed.ARCHIVED
    if session.trust_level is None:
        return Closed.UNREADABLE
    return None
