"""How far each conversation was read. Kept over restarts, so that what was written meanwhile can be fetched."""

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass

from parachute_core.clock import Clock
from parachute_core.connectors.base import Memory
from parachute_core.model.errors import StoreError
from parachute_core.model.message import ChatType

MOST_CHANNELS = 500
"""Conversations that are remembered; the one that was quiet for longest is forgotten first."""
WRITE_EVERY = 0.75
"""Seconds between two rounds of writing; what happens in between costs each conversation one write."""
PREFIX = "read/"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A channel in which somebody spoke to the bot."""

    chat_type: ChatType
    last_id: int
    """The newest message that the core took, or that was of no concern to it."""

    def __str__(self) -> str:
        return f"{self.chat_type.value} {self.last_id}"


class Conversations:
    """Noted at once in memory, and on the disk a moment later: a crash costs less than a second of it. That one began is there at once."""

    def __init__(self, memory: Memory, clock: Clock, logger: logging.Logger) -> None:
        self._memory = memory
        self._clock = clock
        self._logger = logger
        self._known: OrderedDict[str, Conversation] = OrderedDict()
        self._unwritten: dict[str, Conversation | None] = {}
        """By channel; None: to be forgotten."""
        self._writing: asyncio.Task[None] | None = None

    async def load(self) -> None:
        """Take over what earlier starts noted. Raises `StoreError`."""
        await self._memory.keep_newest(PREFIX, MOST_CHANNELS)
        for key, value in (await self._memory.items(PREFIX)).items():
            chat_type, _, last_id = value.partition(" ")
            self._known[key.removeprefix(PREFIX)] = Conversation(ChatType(chat_type), int(last_id))

    def find(self, channel_id: str) -> Conversation | None:
        """The conversation in a channel, or None when nobody spoke to the bot there."""
        return self._known.get(channel_id)

    def channels(self) -> tuple[str, ...]:
        """The channels that are remembered."""
        return tuple(self._known)

    async def begin(self, channel_id: str, conversation: Conversation) -> None:
        """Nobody spoke to the bot there before. It is on the disk when this returns, unless nothing can be written there now."""
        self._known[channel_id] = conversation
        self._unwritten.pop(channel_id, None)
        try:
            await self._write_one(PREFIX + channel_id, conversation)
        except StoreError:
            self._write_later(channel_id, conversation)
        self._keep_within_bounds()

    def read(self, channel_id: str, message_id: int, chat_type: ChatType) -> None:
        """The channel is read up to this message; begins the conversation if there was none."""
        known = self._known.pop(channel_id, None)
        reached = Conversation(chat_type, message_id if known is None else max(known.last_id, message_id))
        self._known[channel_id] = reached
        if reached != known:
            self._write_later(channel_id, reached)
        self._keep_within_bounds()

    def forget(self, channel_id: str) -> None:
        """The channel cannot be read any more, or others are more important."""
        if self._known.pop(channel_id, None) is not None:
            self._write_later(channel_id, None)

    async def close(self) -> None:
        """Write what is not written yet. Nothing runs any more when it returns."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
            self._writing = None
        await self._write_all()

    def _keep_within_bounds(self) -> None:
        if len(self._known) > MOST_CHANNELS:
            self.forget(next(iter(self._known)))

    def _write_later(self, channel_id: str, reached: Conversation | None) -> None:
        self._unwritten.pop(channel_id, None)
        self._unwritten[channel_id] = reached
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._unwritten and await self._write_all():
            await self._clock.sleep(WRITE_EVERY)

    async def _write_all(self) -> bool:
        """False: it cannot be written now; it is tried again with the next message."""
        for channel_id in tuple(self._unwritten):
            if channel_id not in self._unwritten:
                continue  # it began anew meanwhile, and is written
            reached = self._unwritten[channel_id]
            try:
                await self._write_one(PREFIX + channel_id, reached)
            except StoreError as error:
                self._logger.error("how far a channel was read could not be kept", extra={"chat_id": channel_id, "error": str(error)})
                return False
            if self._unwritten.get(channel_id, reached) == reached:
                self._unwritten.pop(channel_id, None)
        return True

    async def _write_one(self, key: str, reached: Conversation | None) -> None:
        if reached is None:
            await self._memory.forget(key)
        else:
            await self._memory.put(key, str(reached))
