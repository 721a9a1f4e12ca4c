"""The loop that fetches updates. An update is confirmed only once it was taken over, so that none is lost."""

import asyncio
import contextlib
import logging
from typing import Any

from telegram import User
from telegram.error import TelegramError

from parachute_core.clock import Clock, within
from parachute_core.connectors.base import Link
from parachute_core.connectors.telegram.api import PollingBot, Timeouts
from parachute_core.connectors.telegram.faults import connection_error
from parachute_core.connectors.telegram.updates import Updates, update_id
from parachute_core.model.errors import ConnectionLost

CONFIRM_WITHIN = 2.0
"""Seconds that a stop takes at most to confirm what was taken over last."""
EMPTY = 1.0
"""Seconds; a server that answers a poll faster than that with nothing does not wait, so the loop has to."""


class Poller:
    """Knows how far the bot has come, also over reconnects."""

    def __init__(self, *, platform: str, updates: Updates, clock: Clock, logger: logging.Logger, timeouts: Timeouts) -> None:
        self._platform = platform
        self._updates = updates
        self._clock = clock
        self._logger = logger
        self._timeouts = timeouts
        self._offset: int | None = None
        """The first update to ask for; None: those that are not confirmed."""
        self._asked: int | None = None
        """The offset of the last poll, so what is below it is confirmed."""

    async def run(self, bot: PollingBot, me: User, link: Link) -> None:
        """Hand over messages until cancelled. Raises `ConnectorError`."""
        hasty = 0
        seconds = 0  # the first poll proves life at once
        try:
            while True:
                began = self._clock.monotonic()
                updates = await self._poll(bot, seconds)
                link.prove("getUpdates")
                for update in updates:
                    await self._take(update, bot, me, link)
                if updates and self._offset == self._asked:
                    raise ConnectionLost("the Bot API sends updates without ids")
                hasty = 0 if updates or self._clock.monotonic() - began >= EMPTY else hasty + 1
                if hasty > 1:
                    await self._clock.sleep(EMPTY)
                seconds = self._timeouts.poll
        except asyncio.CancelledError:
            await self._confirm(bot)
            raise

    async def _poll(self, bot: PollingBot, seconds: int) -> list[Any]:
        try:
            updates = await bot.poll(self._offset, seconds, self._timeouts.read)
        except TelegramError as error:
            raise connection_error(error) from None
        self._asked = self._offset
        if not updates:
            # Everything is confirmed. After a quiet week the ids start anew, maybe below the ones before.
            self._offset = self._asked = None
        return updates

    async def _take(self, raw: Any, bot: PollingBot, me: User, link: Link) -> None:
        number = update_id(raw)
        if number is None:
            self._logger.warning("an update has no id", extra={"platform": self._platform})
            return
        await self._updates.take(raw, bot, me, link)
        self._offset = number + 1

    async def _confirm(self, bot: PollingBot) -> None:
        """Before a stop: what was taken over since the last poll must not come again at the next start."""
        if self._offset == self._asked:
            return
        with contextlib.suppress(TelegramError, TimeoutError):
            await within(self._clock, CONFIRM_WITHIN, bot.poll(self._offset, 0, CONFIRM_WITHIN))
            self._asked = self._offset
