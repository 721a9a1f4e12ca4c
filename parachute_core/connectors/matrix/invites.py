"""Invitations: accepted where the bot may be wanted, left alone otherwise, and looked at again when the allowlist changes."""

import asyncio
import contextlib
import json
import logging

from parachute_core.clock import Clock
from parachute_core.connectors.base import Link, Memory
from parachute_core.connectors.matrix.aliases import Aliases
from parachute_core.connectors.matrix.api import Api
from parachute_core.connectors.matrix.bridges import is_bridge_bot, is_ghost
from parachute_core.connectors.matrix.faults import MatrixError, Refused
from parachute_core.connectors.matrix.told import Batch, Invitation
from parachute_core.model.errors import StoreError

WAITING = "invite "
DIRECT = "direct "
MOST = 200
"""Invitations that wait; the oldest is forgotten first, and stays unanswered."""
MOST_DIRECT = 5000
"""Rooms that are remembered as chats of two."""
AT_ONCE = 4
"""Rooms that are entered at the same time."""
FIRST_WAIT, LONGEST_WAIT = 30.0, 3600.0
"""Seconds before a room that could not be entered is tried again."""


class Invites:
    """Of one account. What waits is remembered over restarts, since the homeserver tells of an invitation once."""

    def __init__(self, api: Api, me: str, memory: Memory, clock: Clock, logger: logging.Logger) -> None:
        self._api = api
        self._me = me
        self._memory = memory
        self._clock = clock
        self._logger = logger
        self._waiting: dict[str, Invitation] = {}
        self._direct: set[str] = set()
        self._noted: set[str] = set()
        self._joining: dict[str, asyncio.Task[None]] = {}
        self._tries: dict[str, tuple[float, float]] = {}
        """When a room is tried again, and after how long the time after."""
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def start(self) -> None:
        """Recall what waits and which rooms were begun as chats of two. Raises `MatrixError`, `StoreError`."""
        self._direct = {key.removeprefix(DIRECT) for key in await self._memory.items(DIRECT)}
        self._direct |= await self._api.direct_rooms()
        for key, value in (await self._memory.items(WAITING)).items():
            room_id = key.removeprefix(WAITING)
            kept = json.loads(value)
            self._waiting[room_id] = Invitation(room_id, kept["inviter"], kept["direct"], kept["alias"])

    def is_direct(self, room_id: str) -> bool:
        """Whether the room was begun as a chat of two."""
        return room_id in self._direct

    def claimed(self) -> list[str]:
        """The addresses that the rooms behind the waiting invitations claim to have."""
        return [one.alias for one in self._waiting.values() if one.alias]

    async def take(self, batch: Batch) -> None:
        """Note what a sync tells of invitations. Raises `StoreError`."""
        for room_id in batch.left & (self._waiting.keys() | self._direct):
            self._direct.discard(room_id)
            await self._memory.forget(DIRECT + room_id)
            await self._drop(room_id)
        for one in batch.invitations:
            self._waiting.pop(one.room_id, None)  # the newest, as it is in the memory
            self._waiting[one.room_id] = one
            self._tries.pop(one.room_id, None)
            await self._memory.put(WAITING + one.room_id, json.dumps({"inviter": one.inviter, "direct": one.direct, "alias": one.alias}))
        for room_id in list(self._waiting)[: max(0, len(self._waiting) - MOST)]:
            await self._drop(room_id)
        for news in batch.news:
            if news.room.id in self._waiting:
                await self._drop(news.room.id)

    def accept(self, link: Link, aliases: Aliases) -> None:
        """Enter, in the background, the rooms among those waiting where the bot may be wanted by now."""
        now = self._clock.monotonic()
        for one in list(self._waiting.values()):
            if one.room_id in self._joining or self._tries.get(one.room_id, (now, 0.0))[0] > now:
                continue
            if self._welcome(one, link, aliases):
                self._joining[one.room_id] = asyncio.create_task(self._join(one))
            elif one.room_id not in self._noted:
                self._noted.add(one.room_id)
                self._logger.info("an invitation is left alone: the room is not allowed", extra={"room_id": one.room_id})

    async def close(self) -> None:
        """Enter no more rooms; returns once nothing runs."""
        for task in self._joining.values():
            task.cancel()
        await asyncio.gather(*self._joining.values(), return_exceptions=True)
        self._joining.clear()

    def _welcome(self, one: Invitation, link: Link, aliases: Aliases) -> bool:
        of_bridge = is_ghost(one.inviter, self._me) or is_bridge_bot(one.inviter, self._me)
        return one.direct or of_bridge or aliases.allows(one.room_id, link)

    async def _join(self, one: Invitation) -> None:
        try:
            if one.direct:
                self._direct.add(one.room_id)
                await self._memory.put(DIRECT + one.room_id, one.inviter)
                await self._memory.keep_newest(DIRECT, MOST_DIRECT)
            async with self._gate:
                await self._api.join(one.room_id)
        except (MatrixError, StoreError) as error:
            self._logger.warning("a room could not be entered", extra={"room_id": one.room_id, "error": type(error).__name__})
            if isinstance(error, Refused) and error.errcode in ("M_FORBIDDEN", "M_NOT_FOUND"):
                await self._drop(one.room_id)
            else:
                _, wait = self._tries.get(one.room_id, (0.0, FIRST_WAIT))
                self._tries[one.room_id] = (self._clock.monotonic() + wait, min(LONGEST_WAIT, wait * 2))
        finally:
            with contextlib.suppress(KeyError):
                del self._joining[one.room_id]

    async def _drop(self, room_id: str) -> None:
        self._waiting.pop(room_id, None)
        self._tries.pop(room_id, None)
        self._noted.discard(room_id)
        await self._memory.forget(WAITING + room_id)
