"""The Telegram connector: the loop that fetches updates, and one call of the Bot API for each thing to send."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from telegram import User
from telegram.error import TelegramError

from parachute_core.config.schema import TelegramSection
from parachute_core.connectors.base import Complaint, Connector, ConnectorContext, Link
from parachute_core.connectors.chores import Chores
from parachute_core.connectors.open_calls import OpenCalls
from parachute_core.connectors.signs import Signs
from parachute_core.connectors.telegram.api import FloodControl, PollingBot, Timeouts, open_bot_api, usable
from parachute_core.connectors.telegram.examination import examine
from parachute_core.connectors.telegram.faults import connection_error, send_error
from parachute_core.connectors.telegram.files import download
from parachute_core.connectors.telegram.moved import Moved
from parachute_core.connectors.telegram.poller import Poller
from parachute_core.connectors.telegram.presence import TYPING_EVERY, BotApiSigns
from parachute_core.connectors.telegram.sending import Sender
from parachute_core.connectors.telegram.updates import Updates
from parachute_core.connectors.telegram.webhook import Webhook, forget_own_webhook
from parachute_core.model.errors import ConnectorError, CredentialsRefused, Rejected
from parachute_core.model.message import Voice
from parachute_core.model.outgoing import Outgoing, Receipt
from parachute_core.model.traits import Rate, Traits, utf16_units

MAX_LENGTH = 4096
"""UTF-16 units of one message; Telegram may count code points, of which there are never more."""
DIRECT_RATE, GROUP_RATE, RATE = Rate(20, 1.0), Rate(20, 1 / 3), Rate(30, 30.0)
"""About one message a second in a chat, with short bursts; twenty a minute in a group; thirty a second over all (Bots FAQ, on limits)."""
EDIT_INTERVAL = 1.5
"""Seconds between two edits of a message: a chat may get about one call a second."""


class Telegram(Connector):
    """One start of the Telegram connector."""

    traits = Traits(
        max_length=MAX_LENGTH,
        measure=utf16_units,
        edit_interval=EDIT_INTERVAL,
        idempotent_messages=False,
        buttons=True,
        chat_rate=lambda chat_id: GROUP_RATE if chat_id.startswith("-") else DIRECT_RATE,
        rate=RATE,
    )

    def __init__(self, context: ConnectorContext, timeouts: Timeouts | None = None) -> None:
        self._context = context
        self._settings: TelegramSection = context.settings
        self._timeouts = timeouts or Timeouts()
        clock, logger = context.clock, context.logger
        self._moved = Moved(context.memory)
        self._sender = Sender(self._moved, logger)
        self._chores = Chores(logger)
        updates = Updates(
            platform=context.platform,
            mode=self._settings.group_mention_mode,
            clock=clock,
            logger=logger,
            moved=self._moved,
            chores=self._chores,
        )
        self._poller = Poller(platform=context.platform, updates=updates, clock=clock, logger=logger, timeouts=self._timeouts)
        self._webhook = Webhook(context, updates) if self._settings.webhook_url else None
        self._bot: PollingBot | None = None
        self._signs: Signs | None = None
        self._calls = OpenCalls(clock)

    async def run(self, link: Link) -> None:
        """See `Connector.run`: alive with each completed getUpdates, or with what the webhook's part of `run` says."""
        async with self._opened() as bot:
            me = await _me(bot)
            await self._moved.begin(link)
            signs = Signs(
                BotApiSigns(bot, self._moved, self._settings.ack_emoji), self._context.clock, TYPING_EVERY, self._context.may_show
            )
            self._bot, self._signs = bot, signs
            try:
                if self._webhook is not None:
                    await self._webhook.run(bot, me, link)
                else:
                    await forget_own_webhook(bot, self._context.memory)
                    await self._poller.run(bot, me, link)
            finally:
                self._bot = self._signs = None
                await signs.close()
                await self._chores.close()
                await self._calls.ended()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Connector.send`. While polls fail messages may still get through, so they are tried, on a connection of their own."""
        if outgoing.kind.cosmetic:
            return self._signs.show(outgoing) if self._signs is not None else Receipt()
        try:
            async with self._connected() as bot:
                return await self._sender.deliver(bot, outgoing)
        except CredentialsRefused as error:
            raise Rejected(str(error)) from error
        except TelegramError as error:
            if isinstance(error, FloodControl) and self._signs is not None:
                self._signs.shed(error.retry_after)
            raise send_error(error) from None

    async def fetch(self, voice: Voice) -> bytes:
        """See `Connector.fetch`."""
        async with self._connected() as bot:
            return await download(bot, voice.reference, self._timeouts)

    def knows_sender(self, headers: Mapping[str, str]) -> bool | None:
        """See `TakesWebhooks.knows_sender`."""
        return None if self._webhook is None else self._webhook.knows_sender(headers)

    async def deliver(self, body: bytes) -> None:
        """See `TakesWebhooks.deliver`."""
        if self._webhook is None:
            raise ConnectorError("the bot asks Telegram for updates by itself")
        await self._webhook.deliver(body)

    async def test(self) -> Mapping[str, str]:
        """See `Connector.test`: asks who the bot is, on connections of its own."""
        async with self._opened() as bot:
            me = await _me(bot)
        return {"bot_name": me.first_name, "bot_username": me.username or ""}

    async def examine(self, *, alone: bool) -> Sequence[Complaint]:
        """See `Connector.examine`."""
        async with self._opened() as bot:
            await _me(bot)
            return await examine(bot, self._settings, self._context.platform, self._timeouts, alone=alone)

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
        with self._calls.one():
            yield self._bot


async def _me(bot: PollingBot) -> User:
    try:
        return await bot.get_me()
    except TelegramError as error:
        raise connection_error(error) from None
