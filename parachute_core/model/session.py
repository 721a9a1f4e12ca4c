"""A conversation of a chat with the answering agent."""

from dataclasses import dataclass
from datetime import datetime

from parachute_core.model.message import ChatRef, ChatType
from parachute_core.model.trust import TrustLevel


@dataclass(frozen=True, slots=True)
class Session:
    """One session as it stood when it was read. A chat has at most one that is not archived."""

    id: str
    platform: str
    chat_id: str
    chat_type: ChatType
    user_id: str
    """Who opened it."""
    trust_level: TrustLevel | None
    """The level it was opened with; None when the stored value cannot be read: refuse."""
    archived: bool
    created_at: datetime
    last_used: datetime

    @property
    def chat(self) -> ChatRef:
        """The chat it belongs to."""
        return ChatRef(self.platform, self.chat_id)
