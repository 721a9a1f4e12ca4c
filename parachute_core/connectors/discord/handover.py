"""What is done with the events of one channel, in their order: handed to the core, and what was missed before them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import hikari

from parachute_core.clock import Clock
from parachute_core.connectors.discord.firsts import Firsts
from parachute_core.connectors.discord.memory import Conversation, Conversations
from parachute_core.connectors.discord.translate import Reader
from parachute_core.model.message import ChatType, Inbound

LAST_ID = hikari.Snowflake.max()


@dataclass(frozen=True, slots=True)
class Handover:
    """For one connection. What is remembered outlives it."""

    receive: Callable[[Inbound], Awaitable[None]]
    """Take a message."""
    fetch: Callable[[str, int], Awaitable[Sequence[hikari.Message]]]
    """The messages of a channel after the one with this id, oldest first."""
    conversations: Conversations
    firsts: Firsts
    clock: Clock

    def session_begins(self) -> tuple[str, ...]:
        """The channels in which something may have been missed, as far as they are known."""
        self.firsts.ready()
        return self.conversations.channels()

    async def command(self, reader: Reader, interaction_id: int, message: Inbound, acknowledged: "asyncio.Task[None]") -> None:
        """The use of a slash command or a button."""
        # What is said about its answer may change the acknowledgement, so that must be there first.
        await asyncio.wait({acknowledged})
        await self._begin(reader, message.chat_id, message.chat_type, interaction_id)
        await self.receive(message)
        self.conversations.read(message.chat_id, interaction_id, message.chat_type)

    async def message(self, reader: Reader, message: hikari.Message, *, direct: bool) -> None:
        """A message, told or fetched."""
        channel_id = str(message.channel_id)
        inbound = reader.read(message, direct=direct, now=self.clock.now())
        chat_type = ChatType.DIRECT if direct else ChatType.GROUP
        addressed = inbound is not None and inbound.addressed
        if addressed:
            await self._begin(reader, channel_id, chat_type, message.id)
        known = self.conversations.find(channel_id)
        # The core recognises what it gets twice; ordinary chatter it does not look at, so that is compared here.
        if inbound is not None and (addressed or known is None or message.id > known.last_id):
            await self.receive(inbound)
        if addressed or known is not None:
            self.conversations.read(channel_id, message.id, chat_type)

    async def missed(self, reader: Reader, channel_id: str) -> None:
        """What was missed in a channel that is known."""
        conversation = self.conversations.find(channel_id)
        if conversation is None:
            return
        for message in await self.fetch(channel_id, conversation.last_id):
            await self.message(reader, message, direct=conversation.chat_type is ChatType.DIRECT)

    async def first_words(self, reader: Reader, channel_id: str, before_id: int = LAST_ID) -> None:
        """What was missed in a direct channel that is not known, before the message or command that comes next there, if one does."""
        if self.conversations.find(channel_id) is not None:
            return
        since = self.firsts.since
        missed = [] if since is None else [one for one in await self.fetch(channel_id, since) if one.id < before_id]
        begins = missed[0].id if missed else before_id
        if begins < LAST_ID:
            await self.conversations.begin(channel_id, Conversation(ChatType.DIRECT, begins - 1))
        for message in missed:
            await self.message(reader, message, direct=True)

    async def _begin(self, reader: Reader, channel_id: str, chat_type: ChatType, first_id: int) -> None:
        """Keep a conversation that is not known before anything of it is taken over: what comes after a crash is fetched then."""
        if chat_type is ChatType.DIRECT:
            await self.first_words(reader, channel_id, first_id)
        elif self.conversations.find(channel_id) is None:
            await self.conversations.begin(channel_id, Conversation(chat_type, first_id - 1))
