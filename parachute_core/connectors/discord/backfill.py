"""Discord replays nothing to a new session: what was written while there was none is fetched."""

import asyncio
import logging

import hikari

from parachute_core.clock import Clock
from parachute_core.connectors.discord.calls import Calls
from parachute_core.connectors.discord.memory import Conversations
from parachute_core.model.errors import NotDelivered, Rejected, SendError

AT_MOST = 200
"""Messages of one channel that are fetched, the oldest of those that were missed."""
AT_ONCE = 4
"""Channels that are fetched at the same time."""
TRIES = 6
LONGEST_WAIT = 60.0
"""Seconds between two tries; the first wait is one second, and each doubles."""


class Backfill:
    """Fetches missed messages of channels in which somebody spoke to the bot before."""

    def __init__(
        self, rest: hikari.api.RESTClient, calls: Calls, conversations: Conversations, clock: Clock, logger: logging.Logger
    ) -> None:
        self._rest = rest
        self._calls = calls
        self._conversations = conversations
        self._clock = clock
        self._logger = logger
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def fetch(self, channel_id: str, after: int) -> list[hikari.Message]:
        """Messages after the one with this id, oldest first; none when the channel cannot be read. Raises nothing."""
        wait = 1.0
        for left in reversed(range(TRIES)):
            try:
                async with self._turn:
                    found = await self._calls.make(self._newer(channel_id, after))
                if len(found) == AT_MOST:
                    self._logger.warning("only the oldest missed messages are fetched", extra={"chat_id": channel_id, "count": AT_MOST})
                return found
            except Rejected:
                self._conversations.forget(channel_id)
                break
            except SendError as error:
                asked = error.retry_after if isinstance(error, NotDelivered) and error.retry_after else 0.0
                if not left or asked > LONGEST_WAIT:
                    break
                await self._clock.sleep(max(wait, asked))
                wait *= 2.0
        self._logger.warning("missed messages could not be fetched", extra={"chat_id": channel_id})
        return []

    async def _newer(self, channel_id: str, after: int) -> list[hikari.Message]:
        return [one async for one in self._rest.fetch_messages(int(channel_id), after=after).limit(AT_MOST)]
