"""Whether a message of a group is for the bot, by what Telegram marked in it. Never by looking for the bot's name in the text."""

from collections.abc import Sequence
from enum import Enum

from telegram import Message, MessageEntity, User


class Addressing(Enum):
    """Who a message of a group is for."""

    BOT = "bot"
    OTHER_BOT = "other bot"
    """A command for another bot: not for this one even where all messages are."""
    NOBODY = "nobody"


def addressing(message: Message, text: str, entities: Sequence[MessageEntity], me: User) -> Addressing:
    """Who the message is for: `text` is its text or caption, `entities` are those of it."""
    for entity in entities:
        if entity.type == MessageEntity.BOT_COMMAND:
            _, at, name = cut(text, entity).partition("@")
            if at and _is(me, name):
                return Addressing.BOT
            if entity.offset == 0:
                return Addressing.OTHER_BOT if at else Addressing.BOT
    if any(mentions(entity, text, me) for entity in entities) or _replies_to(message, me):
        return Addressing.BOT
    return Addressing.NOBODY


def without_mentions(text: str, entities: Sequence[MessageEntity], me: User) -> str:
    """`text` without the mentions of the bot and the space behind each; unchanged if nothing else would be left."""
    raw = text.encode("utf-16-le")
    kept = ""
    at = 0
    for entity in entities:
        begin, end = 2 * entity.offset, 2 * (entity.offset + entity.length)
        if begin >= at and mentions(entity, text, me):
            kept += raw[at:begin].decode("utf-16-le")
            at = end
            if (kept[-1:] or " ").isspace() and raw[at:].startswith(" ".encode("utf-16-le")):
                at += 2
    left = (kept + raw[at:].decode("utf-16-le")).strip()
    return left or text


def mentions(entity: MessageEntity, text: str, me: User) -> bool:
    """Whether the entity is a mention of the bot, by name or, as for users without one, by itself."""
    if entity.type == MessageEntity.TEXT_MENTION:
        return entity.user is not None and entity.user.id == me.id
    return entity.type == MessageEntity.MENTION and _is(me, cut(text, entity).removeprefix("@"))


def cut(text: str, entity: MessageEntity) -> str:
    """What the entity covers; its offsets count UTF-16 units."""
    return text.encode("utf-16-le")[2 * entity.offset : 2 * (entity.offset + entity.length)].decode("utf-16-le")


def _is(me: User, name: str) -> bool:
    return me.username is not None and name.lower() == me.username.lower()


def _replies_to(message: Message, me: User) -> bool:
    """In a forum, what is no reply counts as one to the message that opened its topic, whoever wrote that."""
    replied = message.reply_to_message
    return replied is not None and not replied.forum_topic_created and replied.from_user is not None and replied.from_user.id == me.id
