"""What the gateway tells, put where it belongs. Nothing is awaited here, so the order of events is kept."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import hikari

from parachute_core.connectors.base import ConnectorContext
from parachute_core.connectors.discord import slash
from parachute_core.connectors.discord.firsts import Firsts
from parachute_core.connectors.discord.memory import Conversation, Conversations
from parachute_core.connectors.discord.translate import Reader
from parachute_core.lanes import Job, Lanes
from parachute_core.model.message import ChatRef, ChatType, Inbound

Payload = Mapping[str, Any]
LAST_ID = hikari.Snowflake.max()


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
        firsts: Firsts,
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
        self._firsts = firsts
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
                if self._reader is not None and self._conversations.find(channel_id) is None:
                    await self._look_back(self._reader, channel_id, LAST_ID)
            finally:
                done.set()

        if self._queue(channel_id, look):
            await done.wait()

    def _ready(self, payload: Payload) -> None:
        reader = Reader(self._platform, int(payload["user"]["id"]), self._all_messages)
        self._reader = reader
        self._firsts.ready()
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
        if used is None or (reader := self._reader) is None:
            return
        acknowledged = self._outlets.used(used)
        if (message := used.message) is not None:
            self._queue(message.chat_id, lambda: self._command(reader, used.interaction_id, message, acknowledged))

    def _queue(self, channel_id: str, job: Job) -> bool:
        """Events of a channel are handled in order; channels do not wait for each other. False: too many wait."""
        taken = self._lanes.submit(ChatRef(self._platform, channel_id), job)
        if not taken:
            self._logger.warning("too many events wait for a channel", extra={"chat_id": channel_id})
        return taken

    async def _command(self, reader: Reader, interaction_id: int, message: Inbound, acknowledged: "asyncio.Task[None]") -> None:
        # What is said about its answer may change the acknowledgement, so that must be there first.
        await asyncio.wait({acknowledged})
        await self._begin(reader, message.chat_id, message.chat_type, interaction_id)
        await self._outlets.receive(message)
        self._conversations.read(message.chat_id, interaction_id, message.chat_type)

    async def _begin(self, reader: Reader, channel_id: str, chat_type: ChatType, first_id: int) -> None:
        """Keep a conversation that is not known before anything of it is taken over: what comes after a crash is fetched then."""
        if self._conversations.find(channel_id) is not None:
            return
        if chat_type is ChatType.DIRECT:
            await self._look_back(reader, channel_id, first_id)
        else:
            await self._conversations.begin(channel_id, Conversation(chat_type, first_id - 1))

    async def _look_back(self, reader: Reader, channel_id: str, first_id: int) -> None:
        """Begin a direct chat with what was missed of it before `first_id`, if anything was, and hand that over."""
        since = self._firsts.since
        missed = [] if since is None else [one for one in await self._outlets.missed(channel_id, since) if one.id < first_id]
        begins = missed[0].id if missed else first_id
        if begins < LAST_ID:
            await self._conversations.begin(channel_id, Conversation(ChatType.DIRECT, begins - 1))
        for message in missed:
            await self._hand_over(reader, message, direct=True)

    async def _hand_over(self, reader: Reader, message: hikari.Message, *, direct: bool) -> None:
        """The core recognises what it gets twice; ordinary chatter it does not look at, so that is compared here."""
        channel_id = str(message.channel_id)
        inbound = reader.read(message, direct=direct, now=self._clock.now())
        chat_type = ChatType.DIRECT if direct else ChatType.GROUP
        addressed = inbound is not None and inbound.addressed
        if addressed:
            await self._begin(reader, channel_id, chat_type, message.id)
        known = self._conversations.find(channel_id)
        if inbound is not None and (addressed or known is None or message.id > known.last_id):
            await self._outlets.receive(inbound)
        if addressed or known is not None:
            self._conversations.read(channel_id, message.id, chat_type)

    async def _hand_over_missed(self, reader: Reader, channel_id: str) -> None:
        conversation = self._conversations.find(channel_id)
        if conversation is None:
            return
        for message in await self._outlets.missed(channel_id, conversation.last_id):
            await self._hand_over(reader, message, direct=conversation.chat_type is ChatType.DIRECT)
