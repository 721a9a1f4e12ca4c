"""What the gateway tells, put where it belongs. No event waits for another here, so their order is kept."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import hikari

from parachute_core.connectors.base import ConnectorContext
from parachute_core.connectors.discord import slash
from parachute_core.connectors.discord.handover import Handover
from parachute_core.connectors.discord.translate import Reader
from parachute_core.lanes import Job, Lanes
from parachute_core.model.message import ChatRef

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outlets:
    """What an inbox needs of the connection that it belongs to."""

    prove: Callable[[str], None]
    """Life was proven, by this."""
    used: Callable[[slash.Used], "asyncio.Task[None]"]
    """A slash command waits for its acknowledgement; returns what makes it."""
    ready: Callable[[int], object]
    """A session has begun, of the application with this id."""


class Inbox:
    """Listens to one connection. What waits outlives it."""

    def __init__(
        self,
        context: ConnectorContext,
        outlets: Outlets,
        factory: hikari.api.EntityFactory,
        handover: Handover,
        lanes: Lanes,
        *,
        all_messages: bool,
    ) -> None:
        self._platform = context.platform
        self._clock = context.clock
        self._logger = context.logger
        self._outlets = outlets
        self._factory = factory
        self._handover = handover
        self._lanes = lanes
        self._all_messages = all_messages
        self._reader: Reader | None = None

    async def listen(self, event: hikari.ShardPayloadEvent) -> None:
        """Take one event of the gateway. Raises nothing: an event that cannot be read is logged, without its content."""
        handler = {
            "READY": self._ready,
            "RESUMED": self._resumed,
            "MESSAGE_CREATE": self._message,
            "INTERACTION_CREATE": self._interaction,
        }.get(event.name)
        if handler is None:
            return
        try:
            handler(event.payload)
        except Exception as error:  # noqa: BLE001 - one event's form must not end the connection
            self._logger.error("an event could not be read", extra={"event": event.name, "error": type(error).__name__})

    async def look_back(self, channel_id: str) -> None:
        """Hand over what was missed in a direct channel in which nobody spoke to the bot, as far as it knows."""
        done = asyncio.Event()

        async def look() -> None:
            try:
                if self._reader is not None:
                    await self._handover.first_words(self._reader, channel_id)
            finally:
                done.set()

        if self._queue(channel_id, look):
            await done.wait()

    def _ready(self, payload: Payload) -> None:
        reader = Reader(self._platform, int(payload["user"]["id"]), self._all_messages)
        self._reader = reader
        for channel_id in self._handover.session_begins():
            self._queue(channel_id, partial(self._handover.missed, reader, channel_id))
        self._outlets.ready(int(payload["application"]["id"]))
        self._outlets.prove("READY")

    def _resumed(self, _payload: Payload) -> None:
        self._outlets.prove("RESUMED")

    def _message(self, payload: Payload) -> None:
        if (reader := self._reader) is None:
            return
        message = self._factory.deserialize_message(payload)
        direct = message.guild_id is None
        self._queue(str(message.channel_id), partial(self._handover.message, reader, message, direct=direct))

    def _interaction(self, payload: Payload) -> None:
        used = slash.read(payload, platform=self._platform, now=self._clock.now())
        if used is None or (reader := self._reader) is None:
            return
        acknowledged = self._outlets.used(used)
        if (message := used.message) is not None:
            self._queue(message.chat_id, partial(self._handover.command, reader, used.interaction_id, message, acknowledged))

    def _queue(self, channel_id: str, job: Job) -> bool:
        """Events of a channel are handled in order; channels do not wait for each other. False: too many wait."""
        taken = self._lanes.submit(ChatRef(self._platform, channel_id), job)
        if not taken:
            self._logger.warning("too many events wait for a channel", extra={"chat_id": channel_id})
        return taken
