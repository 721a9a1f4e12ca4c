"""Where what visitors say is handed over to the core."""

import asyncio
import logging
import uuid
from collections.abc import Coroutine
from typing import TypeVar

from parachute_core.clock import Clock
from parachute_core.connectors.base import Link
from parachute_core.connectors.webchat.frames import Said, ack, error
from parachute_core.connectors.webchat.rooms import Rooms
from parachute_core.connectors.webchat.sockets import Tab
from parachute_core.connectors.webchat.taken import Taken
from parachute_core.model.errors import ParachuteError
from parachute_core.model.message import Inbound

NOT_TAKEN = "Your message could not be taken. Please send it again."

T = TypeVar("T")


class Desk:
    """Open while the connector runs. What was begun for a socket is finished even when that socket closes meanwhile."""

    def __init__(self, *, platform: str, link: Link, clock: Clock, logger: logging.Logger, rooms: Rooms, taken: Taken) -> None:
        self.link = link
        self._platform = platform
        self._clock = clock
        self._logger = logger
        self._rooms = rooms
        self._taken = taken
        self._work: set[asyncio.Task[object]] = set()

    async def take(self, user_id: str, said: Said, tab: Tab) -> None:
        """Hand one message over and acknowledge it to all of the visitor's tabs. One that was taken before is only acknowledged."""
        await self._outliving(self._take(user_id, said, tab))

    async def redeem(self, user_id: str, token: str) -> bool:
        """Use an owner's token; see `Link.redeem`. Raises what that raises."""
        return await self._outliving(self.link.redeem(user_id, token))

    def report(self, problem: ParachuteError) -> None:
        """Log why an owner's link could not be used."""
        self._logger.error("an owner's link could not be used: %s", problem, extra={"platform": self._platform})

    async def close(self) -> None:
        """Cancel what is not finished, and wait until it is unwound."""
        for task in self._work:
            task.cancel()
        await asyncio.gather(*self._work, return_exceptions=True)

    def acknowledge(self, user_id: str, message_id: str) -> None:
        """Tell the visitor that the message was taken, unless that was said before."""
        if self._taken.acknowledge(user_id, message_id):
            for tab in self._rooms.tabs_of(user_id):
                tab.offer(ack(message_id))

    async def _outliving(self, work: Coroutine[object, object, T]) -> T:
        task = asyncio.ensure_future(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
        return await asyncio.shield(task)

    async def _take(self, user_id: str, said: Said, tab: Tab) -> None:
        message_id = said.id or uuid.uuid4().hex
        if not self._taken.begin(user_id, message_id):
            if self._taken.acknowledged(user_id, message_id):
                tab.offer(ack(message_id))
            return
        message = Inbound(
            platform=self._platform,
            chat_id=user_id,
            user_id=user_id,
            text=said.text,
            message_id=message_id,
            received_at=self._clock.now(),
        )
        try:
            await self.link.receive(message)
        except asyncio.CancelledError:
            self._taken.forget(user_id, message_id)
            raise
        except Exception:  # one message's failure must not end the conversation
            self._taken.forget(user_id, message_id)
            self._logger.exception("a message could not be handed over", extra={"platform": self._platform, "chat_id": user_id})
            tab.offer(error(NOT_TAKEN))
        else:
            self.acknowledge(user_id, message_id)
