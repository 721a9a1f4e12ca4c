"""Encrypted rooms: what the bot says where it cannot read or write, instead of silence."""

import hashlib
import logging

from parachute_core.clock import Clock
from parachute_core.connectors.base import Memory
from parachute_core.connectors.matrix.api import Api
from parachute_core.connectors.matrix.content import notice
from parachute_core.connectors.matrix.faults import MatrixError
from parachute_core.store.lru import LeastRecentlyUsed

NOT_INSTALLED = "This room is encrypted, and I cannot read encrypted messages. Please write to me in a room without encryption."
NOT_READABLE = "I could not decrypt a message here. Please send it again."
TOLD = "encrypted "
MOST_TOLD = 5000
"""Rooms that are remembered as told."""
AGAIN_AFTER = 3600.0
"""Seconds before a room is told again that a message was not readable."""
MOST = 1000
"""Rooms for which that is remembered."""


class Secrecy:
    """Speaks by itself, since nothing was said that the core could answer. Never more than once an hour in a room."""

    def __init__(self, api: Api, memory: Memory, clock: Clock, logger: logging.Logger) -> None:
        self._api = api
        self._memory = memory
        self._clock = clock
        self._logger = logger
        self._told: LeastRecentlyUsed[str, float] = LeastRecentlyUsed(MOST)

    async def unreadable(self, room_id: str) -> None:
        """Somebody wrote what cannot be read. Raises `StoreError`."""
        self._logger.info("an encrypted message cannot be read", extra={"room_id": room_id})
        if self._api.encrypts:
            await self._tell_hourly(room_id)
        elif await self._memory.get(TOLD + room_id) is None:
            await self._memory.put(TOLD + room_id, "")
            await self._memory.keep_newest(TOLD, MOST_TOLD)
            await self._say(room_id, NOT_INSTALLED)

    async def _tell_hourly(self, room_id: str) -> None:
        now = self._clock.monotonic()
        told = self._told.get(room_id)
        if told is not None and now - told < AGAIN_AFTER:
            return
        self._told.put(room_id, now)
        await self._say(room_id, NOT_READABLE)

    async def _say(self, room_id: str, text: str) -> None:
        transaction = hashlib.sha256(f"{room_id} {text} {self._clock.now()}".encode()).hexdigest()
        try:
            await self._api.send(room_id, "m.room.message", notice(text), transaction)
        except MatrixError as error:
            self._logger.warning("a room could not be told", extra={"room_id": room_id, "error": type(error).__name__})
