"""The Telegram connector: the loop that fetches updates, and one call of the Bot API for each thing to send."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from telegram import Message, MessageEntity, User
from telegram.error import BadRequest, ChatMigrated, TelegramError

from parachute_core.clock import within
from parachute_core.config.schema import TelegramSection
from parachute_core.connectors.base import Connector, ConnectorContext, Link
from parachute_core.connectors.telegram.api import FloodControl, PollingBot, Timeouts, open_bot_api, usable
from parachute_core.connectors.telegram.faults import about_entities, connection_error, not_modified, send_error
from parachute_core.connectors.telegram.markdown import Rendered, render
from parachute_core.connectors.telegram.moved import Moved
from parachute_core.connectors.telegram.poller import Poller
from parachute_core.connectors.telegram.signs import Signs
from parachute_core.model.errors import CredentialsRefused, Rejected
from parachute_core.model.outgoing import Outgoing, Receipt, SendKind
from parachute_core.model.traits import Traits, utf16_units

MAX_LENGTH = 4096
"""UTF-16 units of one message; Telegram may count code points, of which there are never more."""
EDIT_INTERVAL = 1.5
"""Seconds between two edits of a message: a chat may get about one call a second."""
CALLS_WITHIN = 5.0
"""Seconds that messages on their way get when the connection is given up."""


class Telegram(Connector):
    """One start of the Telegram connector."""

    traits = Traits(max_length=MAX_LENGTH, measure=utf16_units, edit_interval=EDIT_INTERVAL, idempotent_messages=False)

    def __init__(self, context: ConnectorContext, timeouts: Timeouts | None = None) -> None:
        self._context = context
        self._settings: TelegramSection = context.settings
        self._timeouts = timeouts or Timeouts()
        self._poller = Poller(
            platform=context.platform,
            mode=self._settings.group_mention_mode,
            clock=context.clock,
            logger=context.logger,
            timeouts=self._timeouts,
        )
        self._moved = Moved()
        self._bot: PollingBot | None = None
        self._signs: Signs | None = None
        self._calls = 0
        self._call_ended = asyncio.Event()

    async def run(self, link: Link) -> None:
        """See `Connector.run`: alive with each completed getUpdates."""
        async with self._opened() as bot:
            me = await _me(bot)
            signs = Signs(bot, self._context.clock, self._settings.ack_emoji)
            self._bot, self._signs = bot, signs
            try:
                await self._poller.run(bot, me, link)
            finally:
                self._bot = self._signs = None
                await signs.close()
                await self._calls_ended()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Connector.send`. While polls fail messages may still get through, so they are tried, on a connection of their own."""
        chat_id = self._moved.current(outgoing.chat_id)
        if outgoing.kind.cosmetic:
            self._show(outgoing, chat_id)
            return Receipt()
        try:
            async with self._connected() as bot:
                return await self._deliver(bot, outgoing, chat_id)
        except CredentialsRefused as error:
            raise Rejected(str(error)) from error
        except TelegramError as error:
            if isinstance(error, FloodControl) and self._signs is not None:
                self._signs.shed(error.retry_after)
            raise send_error(error) from error

    async def test(self) -> Mapping[str, str]:
        """See `Connector.test`: asks who the bot is, on connections of its own."""
        async with self._opened() as bot:
            me = await _me(bot)
        return {"bot_name": me.first_name, "bot_username": me.username or ""}

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[PollingBot]:
        if not usable(self._settings.bot_token):
            raise CredentialsRefused("the bot token is not one: it has spaces or other characters that no token has")
        async with open_bot_api(self._settings, self._timeouts) as bot:
            yield bot

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[PollingBot]:
        if self._bot is None:
            async with self._opened() as bot:
                yield bot
            return
        self._calls += 1
        try:
            yield self._bot
        finally:
            self._calls -= 1
            self._call_ended.set()

    async def _calls_ended(self) -> None:
        """Closing a connection under a message would leave open whether it arrived."""

        async def ended() -> None:
            while self._calls:
                self._call_ended.clear()
                await self._call_ended.wait()

        with contextlib.suppress(TimeoutError):
            await within(self._context.clock, CALLS_WITHIN, ended())

    def _show(self, outgoing: Outgoing, chat_id: str) -> None:
        if self._signs is None:
            return
        if outgoing.kind is SendKind.ACK:
            if outgoing.target_id is not None:
                self._signs.acknowledge(chat_id, outgoing.target_id)
        elif outgoing.final:
            self._signs.end(chat_id)
        else:
            self._signs.type(chat_id)

    async def _deliver(self, bot: PollingBot, outgoing: Outgoing, chat_id: str) -> Receipt:
        rendered = render(outgoing.text)
        try:
            return await _formatted(bot, outgoing, chat_id, rendered)
        except ChatMigrated as moved:
            # The group became a supergroup and has another id; nothing was sent.
            self._moved.remember(chat_id, str(moved.new_chat_id))
            return await _formatted(bot, outgoing, str(moved.new_chat_id), rendered)


async def _me(bot: PollingBot) -> User:
    try:
        return await bot.get_me()
    except TelegramError as error:
        raise connection_error(error) from error


async def _formatted(bot: PollingBot, outgoing: Outgoing, chat_id: str, rendered: Rendered) -> Receipt:
    """Send; once more as it was written when the formatting is what was refused."""
    try:
        return await _call(bot, outgoing, chat_id, rendered)
    except BadRequest as error:
        if not (rendered.spans and about_entities(error)):
            raise
    return await _call(bot, outgoing, chat_id, Rendered(outgoing.text, ()))


async def _call(bot: PollingBot, outgoing: Outgoing, chat_id: str, rendered: Rendered) -> Receipt:
    entities = [MessageEntity(one.kind, one.offset, one.length, url=one.url, language=one.language) for one in rendered.spans] or None
    if outgoing.kind is SendKind.MESSAGE:
        sent = await bot.send_message(chat_id, rendered.text, entities=entities)
        return Receipt(str(sent.message_id))
    if outgoing.target_id is None:
        raise Rejected("an edit names no message")
    try:
        edited = await bot.edit_message_text(rendered.text, chat_id, int(outgoing.target_id), entities=entities)
    except BadRequest as error:
        if not not_modified(error):
            raise
        return Receipt(outgoing.target_id)
    return Receipt(str(edited.message_id) if isinstance(edited, Message) else outgoing.target_id)
