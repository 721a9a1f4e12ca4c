"""What a chat sees of an answer in the making: a reaction on the message, and that the bot is typing. Lost signs cost nothing."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass

from telegram import ReactionTypeEmoji
from telegram.constants import ChatAction
from telegram.error import TelegramError

from parachute_core.clock import Clock, within
from parachute_core.connectors.telegram.api import FloodControl, PollingBot

EVERY = 4.5
"""Seconds between two typing signs; Telegram shows one for five."""
LONGEST = 300.0
"""Seconds after which the sign is no longer kept up."""
FLOOD_WAIT = 30.0
"""Seconds without signs after a 429 that names no time."""
CLOSE_WITHIN = 2.0
"""Seconds that reactions get to be taken off at a stop."""
MOST = 1000
"""Chats whose acknowledged message is remembered."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A message with the bot's reaction on it, once `shown` is done."""

    message_id: str
    shown: "asyncio.Task[None]"


class Signs:
    """Shown in the background: nothing ever waits for a sign."""

    def __init__(self, bot: PollingBot, clock: Clock, emoji: str | None) -> None:
        self._bot = bot
        self._clock = clock
        self._emoji = emoji
        self._typing: dict[str, asyncio.Task[None]] = {}
        self._acknowledged: dict[str, Acknowledged] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._shed_until = clock.monotonic()

    def type(self, chat_id: str) -> None:
        """Show that the bot is typing, until `end`."""
        if chat_id not in self._typing:
            self._typing[chat_id] = self._begin(self._keep_typing(chat_id))

    def acknowledge(self, chat_id: str, message_id: str) -> None:
        """Put the reaction on a message of a user, until `end`."""
        if self._emoji is None:
            return
        if len(self._acknowledged) >= MOST:
            del self._acknowledged[next(iter(self._acknowledged))]
        self._acknowledged[chat_id] = Acknowledged(message_id, self._begin(self._react(chat_id, message_id, self._emoji)))

    def end(self, chat_id: str) -> None:
        """The answer is there, or will not come."""
        if (typing := self._typing.pop(chat_id, None)) is not None:
            typing.cancel()
        if (done := self._acknowledged.pop(chat_id, None)) is not None:
            self._begin(self._react(chat_id, done.message_id, None, after=done.shown))

    def shed(self, seconds: float | None) -> None:
        """Show nothing for a while: the platform finds that too much is sent."""
        self._shed_until = max(self._shed_until, self._clock.monotonic() + (FLOOD_WAIT if seconds is None else seconds))

    async def close(self) -> None:
        """Take the reactions off, as far as that is quick; returns when nothing runs any more."""
        for chat_id in {*self._typing, *self._acknowledged}:
            self.end(chat_id)
        if self._tasks:
            with contextlib.suppress(TimeoutError):
                await within(self._clock, CLOSE_WITHIN, asyncio.wait(set(self._tasks)))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _begin(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _keep_typing(self, chat_id: str) -> None:
        end = self._clock.monotonic() + LONGEST
        while self._clock.monotonic() < end:
            await self._show(lambda: self._bot.send_chat_action(chat_id, ChatAction.TYPING))
            await self._clock.sleep(EVERY)

    async def _react(self, chat_id: str, message_id: str, emoji: str | None, after: "asyncio.Task[None] | None" = None) -> None:
        if after is not None:
            await asyncio.wait({after})
        reaction = [] if emoji is None else [ReactionTypeEmoji(emoji)]
        await self._show(lambda: self._bot.set_message_reaction(chat_id, int(message_id), reaction))

    async def _show(self, call: Callable[[], Awaitable[bool]]) -> None:
        if self._clock.monotonic() < self._shed_until:
            return
        try:
            await call()
        except FloodControl as error:
            self.shed(error.retry_after)
        except TelegramError:
            return
