"""What a person wrote on Discord, as the core takes it. Pure: no calls, no state."""

import re
from dataclasses import dataclass
from datetime import datetime

import hikari

from parachute_core.connectors.discord.contents import attachments_of, forwarded_by, voice_of
from parachute_core.model.message import ChatType, Inbound

WRITTEN = (hikari.MessageType.DEFAULT, hikari.MessageType.REPLY)
"""The other types tell of joins, pins, boosts and the like; nobody wrote them."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads messages as this bot."""

    platform: str
    bot_id: int
    all_messages: bool
    """Whether every message of a server's channel is for the bot."""

    def read(self, message: hikari.Message, *, direct: bool, now: datetime) -> Inbound | None:
        """The message of a person, or None for what is none: bots, webhooks, the platform itself, and what is empty."""
        author = message.author
        if author.is_bot or author.is_system or message.webhook_id is not None or message.type not in WRITTEN:
            return None
        own, mentioned = self._without_mention(message.content or "")
        text = "\n".join(one for one in (own, forwarded_by(message)) if one)
        attachments, voice = attachments_of(message), voice_of(message)
        if not text and not attachments and voice is None:
            return None
        return Inbound(
            platform=self.platform,
            chat_id=str(message.channel_id),
            user_id=str(author.id),
            text=text,
            message_id=str(message.id),
            received_at=now,
            chat_type=ChatType.DIRECT if direct else ChatType.GROUP,
            user_name=message.member.display_name if message.member else author.global_name or author.username,
            addressed=direct or self.all_messages or mentioned or self._answers_us(message),
            attachments=attachments,
            voice=voice,
        )

    def _without_mention(self, text: str) -> tuple[str, bool]:
        """The text without the bot's own mention, and whether it had one. A role's mention (`<@&id>`) is none."""
        rest, count = re.subn(rf"[ \t]?<@!?{self.bot_id}>", "", text)
        return rest.strip(), count > 0

    def _answers_us(self, message: hikari.Message) -> bool:
        answered = message.referenced_message if message.type == hikari.MessageType.REPLY else None
        return bool(answered and answered.author and answered.author.id == self.bot_id)
