"""The loop that asks for news. How far it came is remembered only once everything was handed over, so that nothing is lost."""

import asyncio
import logging

from parachute_core.clock import Clock
from parachute_core.connectors.base import Link, Memory
from parachute_core.connectors.matrix.aliases import Aliases
from parachute_core.connectors.matrix.api import Api
from parachute_core.connectors.matrix.faults import MatrixError, Refused, connection_error
from parachute_core.connectors.matrix.inbox import Inbox
from parachute_core.connectors.matrix.invites import Invites
from parachute_core.connectors.matrix.standing import standing
from parachute_core.connectors.matrix.told import Batch, RoomNews

EMPTY = 1.0
"""Seconds; a server that answers faster than that with nothing does not wait, so the loop has to."""


class Syncing:
    """Of one account."""

    def __init__(
        self, api: Api, me: str, inbox: Inbox, invites: Invites, aliases: Aliases, memory: Memory, clock: Clock, logger: logging.Logger
    ) -> None:
        self._api = api
        self._me = me
        self._inbox = inbox
        self._invites = invites
        self._aliases = aliases
        self._memory = memory
        self._clock = clock
        self._logger = logger
        self._key = f"since {me}"

    async def run(self, link: Link) -> None:
        """Hand over messages until cancelled. Raises `ConnectorError`, `StoreError`."""
        since = await self._memory.get(self._key)
        wait, hasty = False, 0  # the first sync proves life at once
        try:
            await self._invites.start()
            while True:
                began = self._clock.monotonic()
                batch = await self._sync(since, wait=wait)
                link.prove("sync")
                await self._take(batch, since, link)
                if batch.next != since:
                    await self._memory.put(self._key, batch.next)
                idle = batch.empty or batch.next == since
                hasty = hasty + 1 if wait and idle and self._clock.monotonic() - began < EMPTY else 0
                if hasty > 1:
                    await self._clock.sleep(EMPTY)
                since, wait = batch.next, True
        except MatrixError as error:
            raise connection_error(error) from error
        finally:
            await self._invites.close()

    async def _sync(self, since: str | None, *, wait: bool) -> Batch:
        try:
            return await self._api.sync(since, wait=wait)
        except Refused as refused:
            if since is None or refused.status != 400 or refused.limited:
                raise
            # A homeserver that was set up anew does not know where the bot was; there is nothing to go on from.
            self._logger.warning("the homeserver does not know where the last sync ended; it begins anew")
            return await self._api.sync(None, wait=False)

    async def _take(self, batch: Batch, since: str | None, link: Link) -> None:
        """Rooms do not wait for each other; what a first sync tells of them is old."""
        try:
            await self._api.keep_up_encryption()
        except MatrixError as error:
            self._logger.warning("keys could not be exchanged", extra={"error": type(error).__name__})
        await self._invites.take(batch)
        claimed = [alias for one in batch.news if (alias := one.room.alias)]
        await self._aliases.refresh(link, [*claimed, *self._invites.claimed()])
        self._invites.accept(link, self._aliases)
        if since is not None:
            for late in await self._inbox.look_again():
                await self._room(late, since, link)
            try:
                async with asyncio.TaskGroup() as rooms:
                    for news in batch.news:
                        rooms.create_task(self._room(news, since, link))
            except ExceptionGroup as failed:
                raise failed.exceptions[0] from failed

    async def _room(self, news: RoomNews, since: str, link: Link) -> None:
        room = news.room
        at = standing(room, self._me, direct=self._invites.is_direct(room.id), allowed=self._aliases.allows(room.id, link))
        if at is None:
            self._logger.debug("a room is not allowed, nothing in it is taken", extra={"room_id": room.id})
            return
        await self._inbox.take(news, at, since, link)
