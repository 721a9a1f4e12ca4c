"""What goes out over one connection: messages, signs, files, acknowledgements of commands."""

import asyncio

from hikari.api import RESTClient

from parachute_core.config.schema import DiscordSection
from parachute_core.connectors.base import ConnectorContext
from parachute_core.connectors.chores import Chores
from parachute_core.connectors.discord import slash
from parachute_core.connectors.discord.calls import Calls
from parachute_core.connectors.discord.sender import Repeats, Sender
from parachute_core.connectors.discord.sign_calls import TYPING_EVERY, DiscordSigns
from parachute_core.connectors.discord.unanswered import Unanswered
from parachute_core.connectors.discord.voices import Voices
from parachute_core.connectors.signs import Signs
from parachute_core.model.errors import NotDelivered, Rejected
from parachute_core.model.outgoing import Outgoing, Receipt


class Session:
    """Made for each connection. Its client must be started before anything is sent."""

    def __init__(self, rest: RESTClient, calls: Calls, chores: Chores, context: ConnectorContext, repeats: Repeats) -> None:
        settings: DiscordSection = context.settings
        self._rest = rest
        self._calls = calls
        self._chores = chores
        self._sender = Sender(rest, calls, repeats)
        self._signs = Signs(DiscordSigns(rest, calls, settings.ack_emoji), context.clock, TYPING_EVERY, context.may_show)
        self._voices = Voices(rest, calls, settings.rest_url)
        self._unanswered = Unanswered(context.clock)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Connector.send`."""
        if outgoing.kind.cosmetic:
            return self._signs.show(outgoing)
        try:
            receipt = await self._sender.send(outgoing)
        except NotDelivered as error:
            if error.retry_after is not None:
                self._signs.shed(error.retry_after)
            raise
        except Rejected:
            for used in self._unanswered.take(outgoing.chat_id):
                self._chores.begin("say that a command gets no answer", slash.take_back(self._rest, self._calls, used))
            raise
        self._unanswered.take(outgoing.chat_id)
        return receipt

    async def fetch(self, reference: str) -> bytes:
        """See `Connector.fetch`."""
        return await self._voices.fetch(reference)

    def acknowledge(self, used: slash.Used) -> "asyncio.Task[None]":
        """Answer the use of a command or a button within the time that Discord gives; returns what does it."""
        if used.message is not None and not used.message.button:
            self._unanswered.note(used.message.chat_id, used)
        return self._chores.begin("acknowledge a command", slash.acknowledge(self._rest, self._calls, used))

    async def close(self) -> None:
        """Take the signs away; returns once nothing runs."""
        await self._signs.close()
