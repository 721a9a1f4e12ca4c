"""What comes in from a platform."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

COMMAND = re.compile(r"/([A-Za-z][A-Za-z0-9_]*)(?:@\S+)?(?:\s|$)")


class ChatType(StrEnum):
    """Whether one person or several read along."""

    DIRECT = "dm"
    GROUP = "group"


class ChatRef(NamedTuple):
    """A chat, everywhere: the platform's name and the platform's own chat id as text."""

    platform: str
    chat_id: str


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message of one person, translated from a platform's event. Its text never shows in a repr, so never in a log."""

    platform: str
    chat_id: str
    user_id: str
    """The platform's immutable id of the sender, as text. Nothing else identifies a person."""
    text: str = field(repr=False)
    message_id: str
    """The platform's id of the message, unique within the chat."""
    received_at: datetime
    """When the connector took it over: aware, UTC."""
    chat_type: ChatType = ChatType.DIRECT
    user_name: str | None = field(default=None, repr=False)
    """The name the sender chose to show; untrusted, for display alone. None: the platform gave none."""
    addressed: bool = True
    """False: ordinary group chatter, which stops before the gates."""

    @property
    def chat(self) -> ChatRef:
        """The chat it came from."""
        return ChatRef(self.platform, self.chat_id)

    @property
    def command(self) -> str | None:
        """The lower-case name of the slash command that the text starts with (`/new`, `/new@bot`), or None."""
        found = COMMAND.match(self.text)
        return found.group(1).lower() if found else None
