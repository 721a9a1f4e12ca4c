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


class Attachment(StrEnum):
    """What came with a message, or instead of a text, that the bot does not look at."""

    PICTURE = "picture"
    VIDEO = "video"
    AUDIO = "audio"
    FILE = "file"
    STICKER = "sticker"
    PLACE = "place"
    CONTACT = "contact"
    POLL = "poll"
    OTHER = "other"


LARGEST_VOICE = 20 * 1024 * 1024
"""Bytes of a spoken message that are fetched; Telegram gives out no larger files to bots."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A spoken message that has not been fetched yet."""

    reference: str = field(repr=False)
    """What `Connector.fetch` finds it by; the platform's own, and good for as long as the platform keeps the file."""
    mime_type: str | None = None
    seconds: float | None = None
    """How long it is; None: the platform does not say."""
    size: int | None = None
    """Bytes; None: the platform does not say."""


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
    thread_id: str | None = None
    """The thread or topic of the chat that it was written in, where the platform has them within one chat; answers go there."""
    attachments: tuple[Attachment, ...] = ()
    """What came with it besides the text and `voice`."""
    voice: Voice | None = None
    """A spoken message; `text` is empty then, or its caption."""
    button: bool = False
    """True: a button of the bot's was pressed, and `text` is what it says. Who may press it, nobody has checked."""

    @property
    def chat(self) -> ChatRef:
        """The chat it came from."""
        return ChatRef(self.platform, self.chat_id)

    @property
    def command(self) -> str | None:
        """The lower-case name of the slash command that the text starts with (`/new`, `/new@bot`), or None."""
        if self.text[:1] != "/":  # nearly every message, and asked of each more than once
            return None
        found = COMMAND.match(self.text)
        return found.group(1).lower() if found else None
