"""Discord: what the gateway tells in, REST calls out."""

import asyncio
from collections.abc import Mapping

from hikari import RESTApp, ShardPayloadEvent, TokenType
from hikari.api import RESTClient

from parachute_core.config.schema import DiscordSection, MentionMode
from parachute_core.connectors.base import Connector, ConnectorContext, Link
from parachute_core.connectors.discord import slash
from parachute_core.connectors.discord.backfill import Backfill
from parachute_core.connectors.discord.calls import Calls
from parachute_core.connectors.discord.chores import Chores
from parachute_core.connectors.discord.errors import connection_error, loads
from parachute_core.connectors.discord.gateway import LONGEST_PAUSE, http_settings, make_bot, stay_connected
from parachute_core.connectors.discord.inbox import Inbox, Outlets
from parachute_core.connectors.discord.memory import Memory
from parachute_core.connectors.discord.presence import Presence
from parachute_core.connectors.discord.sender import Repeats, Sender
from parachute_core.lanes import Lanes
from parachute_core.model.errors import NotDelivered
from parachute_core.model.outgoing import Outgoing, Receipt
from parachute_core.model.traits import Traits, utf16_units

MAX_LENGTH = 2000
"""UTF-16 units: never less than Discord counts, whichever way it does."""
EDIT_INTERVAL = 1.5
"""Seconds; Discord allows about one edit a second in a channel."""
RECOGNISED_FOR = 120.0
"""Seconds. Discord checks a nonce against "the past few minutes" (Create Message, `enforce_nonce`): the fewest that may be meant."""

MOST_WAITING = 1000
"""Events of one channel that may wait; what comes on top is dropped, so that a flood cannot fill the memory."""


class Discord(Connector):
    """One bot account. What it remembers of its conversations outlives a lost connection, but not the connector."""

    traits = Traits(
        max_length=MAX_LENGTH,
        measure=utf16_units,
        edit_interval=EDIT_INTERVAL,
        idempotent_messages=True,
        idempotent_seconds=RECOGNISED_FOR,
    )

    def __init__(self, context: ConnectorContext) -> None:
        self._context = context
        self._settings: DiscordSection = context.settings
        self._http = http_settings()
        self._calls = Calls(context.clock)
        self._lanes = Lanes(MOST_WAITING)
        self._memory = Memory()
        self._repeats = Repeats()
        self._registered = False
        self._sender: Sender | None = None

    async def run(self, link: Link) -> None:
        """See `Connector.run`."""
        try:
            await self._run(link)
        except asyncio.CancelledError:
            await self._lanes.abort()
            raise
        except Exception as error:
            raise connection_error(_cause(error)) from error

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Connector.send`. Messages repeat safely: Discord recognises the nonce that is made of the key."""
        if self._sender is None:
            raise NotDelivered("not connected")
        return await self._sender.send(outgoing)

    async def test(self) -> Mapping[str, str]:
        """See `Connector.test`: asks who the token belongs to."""
        app = RESTApp(http_settings=self._http, loads=loads, max_rate_limit=LONGEST_PAUSE, max_retries=0, url=self._settings.rest_url)
        await app.start()
        try:
            async with app.acquire(self._settings.bot_token, TokenType.BOT) as rest:
                me = await rest.fetch_my_user()
        except Exception as error:
            raise connection_error(error) from error
        finally:
            await app.close()
        return {"bot_name": me.username, "bot_id": str(me.id)}

    async def _run(self, link: Link) -> None:
        clock, logger = self._context.clock, self._context.logger
        bot = make_bot(self._settings.bot_token, self._settings.rest_url, self._http)
        presence = Presence(bot.rest, self._calls, clock, self._settings.ack_emoji)
        proofs: asyncio.Queue[str] = asyncio.Queue()
        chores = Chores(logger)
        outlets = Outlets(
            receive=link.receive,
            prove=proofs.put_nowait,
            used=lambda used: chores.begin("acknowledge a command", slash.acknowledge(bot.rest, self._calls, used)),
            ready=lambda application: chores.begin("register the commands", self._register(bot.rest, application)),
            missed=Backfill(bot.rest, self._calls, self._memory, clock, logger).fetch,
        )
        all_messages = self._settings.group_mention_mode is MentionMode.ALL_MESSAGES
        inbox = Inbox(self._context, outlets, bot.entity_factory, self._memory, self._lanes, all_messages=all_messages)
        bot.subscribe(ShardPayloadEvent, inbox.listen)
        self._sender = Sender(bot.rest, self._calls, presence, self._repeats)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_prove(link, proofs))
                group.create_task(stay_connected(bot, clock, proofs.put_nowait))
        finally:
            self._sender = None
            await chores.close()
            await presence.close()
            await self._calls.close()

    async def _register(self, rest: RESTClient, application: int) -> None:
        if not self._registered:
            await slash.register(rest, self._calls, application)
            self._registered = True


async def _prove(link: Link, proofs: "asyncio.Queue[str]") -> None:
    # Here and not where a proof is noticed, since what `prove` raises must end the run.
    while True:
        link.prove(await proofs.get())


def _cause(error: Exception) -> Exception:
    """What made a group of tasks fail."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
