"""Telegram's updates into messages."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from telegram import Message, MessageEntity, Update, User
from telegram.constants import ChatType as TelegramChat

from parachute_core.config.values import MentionMode
from parachute_core.connectors.telegram.addressing import Addressing, addressing, without_mentions
from parachute_core.model.message import ChatType, Inbound

CHAT_TYPES: dict[str, ChatType] = {
    TelegramChat.PRIVATE: ChatType.DIRECT,
    TelegramChat.GROUP: ChatType.GROUP,
    TelegramChat.SUPERGROUP: ChatType.GROUP,
}


class Ignored(NamedTuple):
    """An update that is no message for the bot."""

    why: str


class Said(NamedTuple):
    """A text and what Telegram marked in it."""

    text: str
    entities: Sequence[MessageEntity]


def translate(update: Update, me: User, *, platform: str, mode: MentionMode, now: datetime) -> Inbound | Ignored:
    """The message of a person that the update brings. `me` is the bot. Raises whatever a malformed update makes the library raise."""
    message = update.message
    if message is None:
        return Ignored("no new message")
    user = message.from_user
    # Who writes as a group or a channel has a placeholder for a user; nobody can be told apart by it.
    if user is None or user.is_bot or message.sender_chat is not None:
        return Ignored("not from a person")
    chat_type = CHAT_TYPES.get(message.chat.type)
    said = _said(message)
    if chat_type is None or said is None:
        return Ignored("not from a private chat or a group" if chat_type is None else "without text")
    text, addressed = said.text, True
    if chat_type is ChatType.GROUP:
        target = addressing(message, said.text, said.entities, me)
        if target is Addressing.OTHER_BOT:
            return Ignored("a command for another bot")
        addressed = target is Addressing.BOT or mode is MentionMode.ALL_MESSAGES
        text = without_mentions(said.text, said.entities, me)
    return Inbound(
        platform=platform,
        chat_id=str(message.chat.id),
        user_id=str(user.id),
        text=text,
        message_id=str(message.message_id),
        received_at=now,
        chat_type=chat_type,
        user_name=user.full_name,
        addressed=addressed,
    )


def _said(message: Message) -> Said | None:
    if message.text:
        return Said(message.text, message.entities)
    return Said(message.caption, message.caption_entities) if message.caption else None
