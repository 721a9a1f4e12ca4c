"""Buttons under messages, and what comes of pressing one (Bot API: InlineKeyboardMarkup, CallbackQuery)."""

from datetime import datetime

from telegram import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup

from parachute_core.connectors.telegram.api import PollingBot
from parachute_core.connectors.telegram.inbound import CHAT_TYPES, Ignored
from parachute_core.model.message import Inbound
from parachute_core.model.outgoing import Buttons

PRESS = "callback-"
"""Before the id of a press, where a message has its own."""


def keyboard(buttons: Buttons) -> InlineKeyboardMarkup | None:
    """What is shown under a message; None: nothing."""
    if not buttons:
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(one.label, callback_data=one.says) for one in row] for row in buttons])


def pressed(query: CallbackQuery, *, platform: str, now: datetime) -> Inbound | Ignored:
    """Who pressed which button, as a message of theirs."""
    if query.message is None or not query.data or query.from_user.is_bot:
        return Ignored("a button of another kind")
    chat_type = CHAT_TYPES.get(query.message.chat.type)
    if chat_type is None:
        return Ignored("not from a private chat or a group")
    return Inbound(
        platform=platform,
        chat_id=str(query.message.chat.id),
        user_id=str(query.from_user.id),
        text=query.data,
        message_id=f"{PRESS}{query.id}",
        received_at=now,
        chat_type=chat_type,
        user_name=query.from_user.full_name,
        button=True,
    )


async def release(bot: PollingBot, query_id: str) -> None:
    """Tell Telegram that the press was taken, or the button goes on showing that it is busy. Raises `TelegramError`."""
    await bot.answer_callback_query(query_id)
