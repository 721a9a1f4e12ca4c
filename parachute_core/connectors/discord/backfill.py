"""Discord replays nothing to a new session: what was written while there was none is fetched."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import hikari

from parachute_core.clock import Clock
from parachute_core.connectors.discord.calls import Calls
from parachute_core.connectors.discord.memory import Conversations
from parachute_core.model.errors import NotDelivered, Rejected, SendError

T = TypeVar("T")

AT_MOST = 200
"""Messages of one channel that are fetched, the oldest of those that were missed."""
AT_ONCE = 4
"""Calls that are made at the same time."""
WAITS = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between two tries, unless Discord asks for more."""
LONGEST_WAIT = 60.0
"""Seconds that Discord may ask for."""


class Backfill:
    """Asks for what was missed, patiently."""

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
        try:
            found = await self._patiently(lambda: self._newer(channel_id, after))
        except SendError as error:
            if isinstance(error, Rejected):
                self._conversations.forget(channel_id)
            self._logger.warning("missed messages could not be fetched", extra={"chat_id": channel_id})
            return []
        if len(found) == AT_MOST:
            self._logger.warning("only the oldest missed messages are fetched", extra={"chat_id": channel_id, "count": AT_MOST})
        return found

    async def open(self, user_id: str) -> str:
        """The direct channel with a person, who does not see that it is opened. Raises `SendError`."""
        return str((await self._patiently(lambda: self._rest.create_dm_channel(int(user_id)))).id)

    async def _patiently(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        for wait in WAITS:
            try:
                return await self._once(call)
            except Rejected:
                raise
            except SendError as error:
                asked = error.retry_after if isinstance(error, NotDelivered) and error.retry_after else 0.0
                if asked > LONGEST_WAIT:
                    raise
                await self._clock.sleep(max(wait, asked))
        return await self._once(call)

    async def _once(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        async with self._turn:
            return await self._calls.make(call())

    async def _newer(self, channel_id: str, after: int) -> list[hikari.Message]:
        return [one async for one in self._rest.fetch_messages(int(channel_id), after=after).limit(AT_MOST)]
