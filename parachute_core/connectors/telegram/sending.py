"""Messages and edits as calls of the Bot API. What Telegram refuses of their form alone is left out, once each."""

import logging
from dataclasses import dataclass, replace

from telegram import Message, MessageEntity, ReplyParameters
from telegram.error import BadRequest, ChatMigrated

from parachute_core.connectors.telegram.api import PollingBot
from parachute_core.connectors.telegram.buttons import keyboard
from parachute_core.connectors.telegram.faults import about_entities, not_modified, question_missing, topic_missing
from parachute_core.connectors.telegram.markdown import render
from parachute_core.connectors.telegram.moved import Moved
from parachute_core.connectors.telegram.spans import Span
from parachute_core.model.errors import Rejected, StoreError
from parachute_core.model.outgoing import Buttons, Outgoing, Receipt, SendKind

ELSEWHERE = "/"
"""In a receipt: between the id of the chat that a message went to, where that is not the one it was for, and its own id."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a message is asked for."""

    chat_id: str
    text: str
    spans: tuple[Span, ...] = ()
    reply_to: int | None = None
    topic: int | None = None
    buttons: Buttons = ()

    def without_refused(self, error: BadRequest, written: str) -> "Form | None":
        """The same with less; None when it was not the form that was refused. `written`: the text with its marks."""
        if self.spans and about_entities(error):
            return replace(self, text=written, spans=())
        if self.reply_to is not None and question_missing(error):
            return replace(self, reply_to=None)
        if self.topic is not None and topic_missing(error):
            return replace(self, topic=None)
        return None


class Sender:
    """Raises what the library raises, and `Rejected`."""

    def __init__(self, moved: Moved, logger: logging.Logger) -> None:
        self._moved = moved
        self._logger = logger

    async def deliver(self, bot: PollingBot, outgoing: Outgoing) -> Receipt:
        """Send or edit, in the chat as it is now."""
        return await (self._message(bot, outgoing) if outgoing.kind is SendKind.MESSAGE else self._edit(bot, outgoing))

    async def _message(self, bot: PollingBot, outgoing: Outgoing) -> Receipt:
        rendered = render(outgoing.text)
        place = outgoing.place
        chat_id = self._moved.current(outgoing.chat_id)
        question = number(place.reply_to) if chat_id == outgoing.chat_id else None  # it stayed in the old chat
        form = Form(chat_id, rendered.text, rendered.spans, question, number(place.thread_id), outgoing.buttons)
        try:
            sent = await _sent(bot, form, outgoing.text)
        except ChatMigrated as error:  # nothing was sent
            chat_id = await self._follow(chat_id, error)
            sent = await _sent(bot, replace(form, chat_id=chat_id, reply_to=None), outgoing.text)
        return Receipt(f"{sent.message_id}" if chat_id == outgoing.chat_id else f"{chat_id}{ELSEWHERE}{sent.message_id}")

    async def _edit(self, bot: PollingBot, outgoing: Outgoing) -> Receipt:
        rendered = render(outgoing.text)
        elsewhere, _, target = (outgoing.target_id or "").rpartition(ELSEWHERE)
        if (message_id := number(target)) is None:
            raise Rejected("an edit names no message")
        chat_id = elsewhere or outgoing.chat_id
        try:
            await _edited(bot, Form(chat_id, rendered.text, rendered.spans), message_id, outgoing.text)
        except ChatMigrated as error:
            # The message stayed in the old group, and its id means another one in the new.
            await self._follow(chat_id, error)
            if not outgoing.final:
                raise Rejected("the group has another id now, so the message cannot be edited") from None
            return await self._message(bot, outgoing)
        return Receipt(outgoing.target_id)

    async def _follow(self, old: str, error: ChatMigrated) -> str:
        new = str(error.new_chat_id)
        try:
            await self._moved.remember(old, new)
        except StoreError as broken:  # the message comes first; Telegram says it again next time
            self._logger.error("a group's new id cannot be kept", extra={"chat_id": old, "error": type(broken).__name__})
        return new


def number(platform_id: str | None) -> int | None:
    """An id of a message or a topic, as the Bot API takes it; None where there is none."""
    return int(platform_id) if platform_id is not None and platform_id.isdecimal() else None


async def _sent(bot: PollingBot, form: Form, written: str) -> Message:
    while True:
        reply = None if form.reply_to is None else ReplyParameters(form.reply_to, allow_sending_without_reply=True)
        try:
            return await bot.send_message(
                form.chat_id,
                form.text,
                entities=_entities(form),
                reply_parameters=reply,
                message_thread_id=form.topic,
                reply_markup=keyboard(form.buttons),
            )
        except BadRequest as error:
            less = form.without_refused(error, written)
            if less is None:
                raise
            form = less


async def _edited(bot: PollingBot, form: Form, message_id: int, written: str) -> None:
    while True:
        try:
            await bot.edit_message_text(form.text, form.chat_id, message_id, entities=_entities(form))
        except BadRequest as error:
            if not_modified(error):
                return
            less = form.without_refused(error, written)
            if less is None:
                raise
            form = less
        else:
            return


def _entities(form: Form) -> list[MessageEntity] | None:
    return [MessageEntity(one.kind, one.offset, one.length, url=one.url, language=one.language) for one in form.spans] or None
