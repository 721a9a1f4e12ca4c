"""The calls of the Bot API behind the signs that an answer is being made."""

from collections.abc import Awaitable

from telegram import ReactionTypeEmoji
from telegram.constants import ChatAction
from telegram.error import TelegramError

from parachute_core.connectors.signs import FLOOD_WAIT
from parachute_core.connectors.telegram.api import FloodControl, PollingBot
from parachute_core.connectors.telegram.faults import send_error
from parachute_core.connectors.telegram.moved import Moved
from parachute_core.connectors.telegram.sending import number
from parachute_core.model.errors import NotDelivered, Rejected

TYPING_EVERY = 4.5
"""Seconds between two typing signs; Telegram shows one for five (Bot API, sendChatAction)."""


class BotApiSigns:
    """Implements `connectors.signs.SignCalls`."""

    def __init__(self, bot: PollingBot, moved: Moved, emoji: str | None) -> None:
        self._bot = bot
        self._moved = moved
        self._emoji = emoji

    async def show_typing(self, chat_id: str, thread_id: str | None) -> None:
        """See `SignCalls.show_typing`."""
        chat = self._moved.current(chat_id)
        await _made(self._bot.send_chat_action(chat, ChatAction.TYPING, message_thread_id=number(thread_id)))

    async def hide_typing(self, chat_id: str, thread_id: str | None) -> None:
        """See `SignCalls.hide_typing`: it ends by itself, or with the next message."""

    async def react(self, chat_id: str, message_id: str) -> None:
        """See `SignCalls.react`: a bot has one reaction on a message, so it needs no name.

        A message of a group that moved stayed in the old chat: its number means another one in the new.
        """
        if self._emoji is not None:
            await self._set(chat_id, message_id, [ReactionTypeEmoji(self._emoji)])

    async def take_off(self, chat_id: str, message_id: str, reaction: str | None) -> None:  # noqa: ARG002 - see `react`
        """See `SignCalls.take_off`."""
        if self._emoji is not None:
            await self._set(chat_id, message_id, [])

    async def _set(self, chat_id: str, message_id: str, reaction: list[ReactionTypeEmoji]) -> None:
        if (message := number(message_id)) is None:
            raise Rejected("the press of a button is no message")
        await _made(self._bot.set_message_reaction(chat_id, message, reaction))


async def _made(call: Awaitable[bool]) -> None:
    try:
        await call
    except FloodControl as error:
        raise NotDelivered("too many requests", FLOOD_WAIT if error.retry_after is None else error.retry_after) from None
    except TelegramError as error:
        raise send_error(error) from None
