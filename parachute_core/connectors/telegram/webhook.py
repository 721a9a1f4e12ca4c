"""Updates that Telegram brings by itself: says where to, takes them over, and looks whether they get through."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from telegram import User, WebhookInfo
from telegram.error import BadRequest, TelegramError

from parachute_core.connectors.base import ConnectorContext, Link, Memory
from parachute_core.connectors.telegram.api import WANTED, PollingBot
from parachute_core.connectors.telegram.faults import CONFLICT_WAIT, connection_error
from parachute_core.connectors.telegram.updates import Updates, update_id
from parachute_core.model.errors import ConnectionLost, ConnectorError
from parachute_core.model.names import plain_text

HEADER = "X-Telegram-Bot-Api-Secret-Token"
"""What Telegram sends with each update: the secret that it was given (Bot API, setWebhook)."""
REMEMBERED = "webhook"
"""The key under which the address that the bot gave to Telegram is kept."""
LOOK_EVERY = 60.0
"""Seconds between two looks at how Telegram fares."""
LONGEST_WORDS = 200
"""Characters of Telegram's own words that the owner is shown."""


class Open(NamedTuple):
    """What updates need while there is a connection."""

    bot: PollingBot
    me: User
    link: Link


class Webhook:
    """The webhook of one start of the connector."""

    def __init__(self, context: ConnectorContext, updates: Updates) -> None:
        settings = context.settings
        self._address = address(settings.webhook_url, context.platform)
        self._secret = hmac.new(context.secret, f"webhook {settings.bot_token}".encode(), hashlib.sha256).hexdigest()
        """Hexadecimal digits: all of them are allowed in the header."""
        self._token = settings.bot_token
        self._context = context
        self._updates = updates
        self._open: Open | None = None
        self._taking: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        self._seen: datetime | None = None
        """The newest failed delivery that was looked at."""
        self._failing = False

    def knows_sender(self, headers: Mapping[str, str]) -> bool:
        """Whether the secret came along."""
        given = next((value for name, value in headers.items() if name.lower() == HEADER.lower()), "")
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._secret.encode())

    async def run(self, bot: PollingBot, me: User, link: Link) -> None:
        """Set it and look after it until cancelled. Raises `ConnectorError`, `StoreError`."""
        await self._context.memory.put(REMEMBERED, self._address)  # before Telegram knows it, so that it is surely ours
        await self._set(bot)
        self._open = Open(bot, me, link)
        try:
            info = await self._info(bot)
            self._seen, self._failing = info.last_error_date, False  # what failed before this start is over
            link.prove("getWebhookInfo")
            while True:
                await self._context.clock.sleep(LOOK_EVERY)
                self._judge(await self._info(bot), link)
        finally:
            self._open = None
            for task in self._taking:
                task.cancel()
            await asyncio.gather(*self._taking, return_exceptions=True)

    async def deliver(self, body: bytes) -> None:
        """See `TakesWebhooks.deliver`."""
        if (opened := self._open) is None:
            raise ConnectionLost("Telegram is not connected at the moment")
        raw = _object(body)
        if update_id(raw) is None:
            raise ConnectorError("the delivery is no update")
        task = asyncio.create_task(self._take(raw, opened))
        self._taking.add(task)
        task.add_done_callback(self._taking.discard)
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
        if task.cancelled():
            raise ConnectionLost("the bot is being stopped")
        task.result()

    async def _take(self, raw: dict[str, Any], opened: Open) -> None:
        """One after the other as they come: Telegram waits for one update of a chat before it brings the next."""
        async with self._turn:
            await self._updates.take(raw, *opened)
        self._failing = False
        opened.link.prove("webhook")

    async def _set(self, bot: PollingBot) -> None:
        try:
            await bot.set_webhook(self._address, secret_token=self._secret, allowed_updates=WANTED)
        except BadRequest as error:
            raise ConnectionLost(f"Telegram does not take the webhook: {self._words(error.message)}", CONFLICT_WAIT) from None
        except TelegramError as error:
            raise connection_error(error) from None

    async def _info(self, bot: PollingBot) -> WebhookInfo:
        try:
            info = await bot.get_webhook_info()
        except TelegramError as error:
            raise connection_error(error) from None
        if info.url != self._address:
            raise ConnectionLost("another program changed the webhook of this bot: stop it, or messages get lost", CONFLICT_WAIT)
        return info

    def _judge(self, info: WebhookInfo, link: Link) -> None:
        """A delivery that failed since the last look is trouble, and stays it while there is something left to deliver."""
        failed = info.last_error_date
        if failed is not None and (self._seen is None or failed > self._seen):
            self._seen, self._failing = failed, True
        elif not info.pending_update_count:
            self._failing = False
        if self._failing:
            link.lost(f"Telegram cannot deliver to the webhook: {self._words(info.last_error_message or 'it does not say why')}")
        else:
            link.prove("getWebhookInfo")

    def _words(self, said: str) -> str:
        for hidden in (self._secret, self._token):
            said = said.replace(hidden, "…")
        return plain_text(said, LONGEST_WORDS)


async def forget_own_webhook(bot: PollingBot, memory: Memory) -> None:
    """Take back the webhook that the bot set when it was configured to, so that it can ask for updates again; what waits there stays.

    One that somebody else set is not touched. Raises `ConnectorError`, `StoreError`.
    """
    ours = await memory.get(REMEMBERED)
    if ours is None:
        return
    try:
        if (await bot.get_webhook_info()).url == ours:
            await bot.delete_webhook()
    except TelegramError as error:
        raise connection_error(error) from None
    await memory.forget(REMEMBERED)


def address(configured: str, platform: str) -> str:
    """The address that Telegram is told; one that names only the server gets the path under which this bot's own server listens."""
    bare = configured.rstrip("/")
    return configured if urlsplit(bare).path or urlsplit(bare).query else f"{bare}/webhook/{platform}"


def _object(body: bytes) -> dict[str, Any]:
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return raw if isinstance(raw, dict) else {}
