"""Telegram's updates into messages."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from telegram import Message, MessageEntity, User
from telegram.constants import ChatType as TelegramChat

from parachute_core.config.values import MentionMode
from parachute_core.connectors.telegram.addressing import Addressing, addressing, without_mentions
from parachute_core.connectors.telegram.attachments import attachment, is_service, voice
from parachute_core.model.message import Attachment, ChatType, Inbound

CHAT_TYPES: dict[str, ChatType] = {
    TelegramChat.PRIVATE: ChatType.DIRECT,
    TelegramChat.GROUP: ChatType.GROUP,
    TelegramChat.SUPERGROUP: ChatType.GROUP,
}


class Ignored(NamedTuple):
    """An update that is no message for the bot."""

    why: str


class Migrated(NamedTuple):
    """A group became a supergroup."""

    old: str
    new: str


class Said(NamedTuple):
    """A text and what Telegram marked in it."""

    text: str
    entities: Sequence[MessageEntity]


def translate(message: Message | None, me: User, *, platform: str, mode: MentionMode, now: datetime) -> Inbound | Migrated | Ignored:
    """What the new message of an update, if it has one, means for the core. `me` is the bot."""
    if message is None:
        return Ignored("no new message")
    if (moved := _migrated(message)) is not None:
        return moved
    user = message.from_user
    # Who writes as a group or a channel has a placeholder for a user; nobody can be told apart by it.
    if user is None or user.is_bot or message.sender_chat is not None:
        return Ignored("not from a person")
    chat_type = CHAT_TYPES.get(message.chat.type)
    if chat_type is None:
        return Ignored("not from a private chat or a group")
    said, kind, spoken = _said(message), attachment(message), voice(message)
    if not said.text and kind is None and spoken is None:
        # A kind that this version does not know may be a service message; in a private chat silence would be worse.
        if chat_type is ChatType.GROUP or is_service(message):
            return Ignored("nothing that a person sent")
        kind = Attachment.OTHER
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
        thread_id=str(message.message_thread_id) if message.is_topic_message and message.message_thread_id else None,
        attachments=() if kind is None else (kind,),
        voice=spoken,
    )


def _migrated(message: Message) -> Migrated | None:
    """Told in both chats: in the old one where it went to, in the new one where it came from."""
    if message.migrate_to_chat_id is not None:
        return Migrated(str(message.chat.id), str(message.migrate_to_chat_id))
    if message.migrate_from_chat_id is not None:
        return Migrated(str(message.migrate_from_chat_id), str(message.chat.id))
    return None


def _said(message: Message) -> Said:
    if message.text:
        return Said(message.text, message.entities)
    return Said(message.caption or "", message.caption_entities)
