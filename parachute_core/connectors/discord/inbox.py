"""What the gateway tells, put where it belongs. Nothing is awaited here, so the order of events is kept."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import hikari

from parachute_core.connectors.base import ConnectorContext
from parachute_core.connectors.discord import slash
from parachute_core.connectors.discord.memory import Conversations
from parachute_core.connectors.discord.translate import Reader
from parachute_core.lanes import Job, Lanes
from parachute_core.model.message import ChatRef, ChatType, Inbound

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Outlets:
    """What an inbox needs of the connection that it belongs to."""

    receive: Callable[[Inbound], Awaitable[None]]
    """Take a message."""
    prove: Callable[[str], None]
    """Life was proven, by this."""
    used: Callable[[slash.Used], "asyncio.Task[None]"]
    """A slash command waits for its acknowledgement; returns what makes it."""
    ready: Callable[[int], object]
    """A session has begun, of the application with this id."""
    missed: Callable[[str, int], Awaitable[Sequence[hikari.Message]]]
    """The messages of a channel after the one with this id, oldest first."""


class Inbox:
    """Listens to one connection. What it remembers and what waits outlive it."""

    def __init__(
        self,
        context: ConnectorContext,
        outlets: Outlets,
        factory: hikari.api.EntityFactory,
        conversations: Conversations,
        lanes: Lanes,
        *,
        all_messages: bool,
    ) -> None:
        self._platform = context.platform
        self._clock = context.clock
        self._logger = context.logger
        self._outlets = outlets
        self._factory = factory
        self._conversations = conversations
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

    def _ready(self, payload: Payload) -> None:
        reader = Reader(self._platform, int(payload["user"]["id"]), self._all_messages)
        self._reader = reader
        for channel_id in self._conversations.channels():
            self._queue(channel_id, partial(self._hand_over_missed, reader, channel_id))
        self._outlets.ready(int(payload["application"]["id"]))
        self._outlets.prove("READY")

    def _resumed(self, _payload: Payload) -> None:
        self._outlets.prove("RESUMED")

    def _message(self, payload: Payload) -> None:
        if (reader := self._reader) is None:
            return
        message = self._factory.deserialize_message(payload)
        direct = message.guild_id is None
        self._queue(str(message.channel_id), lambda: self._hand_over(reader, message, direct=direct))

    def _interaction(self, payload: Payload) -> None:
        used = slash.read(payload, platform=self._platform, now=self._clock.now())
        if used is None:
            return
        acknowledged = self._outlets.used(used)
        if (message := used.message) is not None:
            self._queue(message.chat_id, lambda: self._command(used.interaction_id, message, acknowledged))

    def _queue(self, channel_id: str, job: Job) -> None:
        """Events of a channel are handled in order; channels do not wait for each other."""
        if not self._lanes.submit(ChatRef(self._platform, channel_id), job):
            self._logger.warning("too many events wait for a channel", extra={"chat_id": channel_id})

    async def _command(self, interaction_id: int, message: Inbound, acknowledged: "asyncio.Task[None]") -> None:
        # What is said about its answer may change the acknowledgement, so that must be there first.
        await asyncio.wait({acknowledged})
        await self._outlets.receive(message)
        self._conversations.read(message.chat_id, interaction_id, message.chat_type)

    async def _hand_over(self, reader: Reader, message: hikari.Message, *, direct: bool) -> None:
        """The core recognises what it gets twice; ordinary chatter it does not look at, so that is compared here."""
        channel_id = str(message.channel_id)
        inbound = reader.read(message, direct=direct, now=self._clock.now())
        known = self._conversations.find(channel_id)
        addressed = inbound is not None and inbound.addressed
        if inbound is not None and (addressed or known is None or message.id > known.last_id):
            await self._outlets.receive(inbound)
        if addressed or known is not None:
            self._conversations.read(channel_id, message.id, ChatType.DIRECT if direct else ChatType.GROUP)

    async def _hand_over_missed(self, reader: Reader, channel_id: str) -> None:
        conversation = self._conversations.find(channel_id)
        if conversation is None:
            return
        for message in await self._outlets.missed(channel_id, conversation.last_id):
            await self._hand_over(reader, message, direct=conversation.chat_type is ChatType.DIRECT)
