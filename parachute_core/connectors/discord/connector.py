"""Discord: what the gateway tells in, REST calls out."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from hikari import OwnUser, RESTApp, ShardPayloadEvent, TokenType
from hikari.api import RESTClient

from parachute_core.config.schema import DiscordSection, MentionMode
from parachute_core.connectors.base import Complaint, Connector, ConnectorContext, Link
from parachute_core.connectors.chores import Chores
from parachute_core.connectors.discord import slash
from parachute_core.connectors.discord.backfill import Backfill
from parachute_core.connectors.discord.calls import Calls
from parachute_core.connectors.discord.errors import CLOSE_CODES, connection_error, loads
from parachute_core.connectors.discord.firsts import Firsts
from parachute_core.connectors.discord.gateway import LONGEST_PAUSE, http_settings, make_bot, notice_losses, stay_connected
from parachute_core.connectors.discord.handover import Handover
from parachute_core.connectors.discord.inbox import Inbox, Outlets
from parachute_core.connectors.discord.intents import lacks_content_intent
from parachute_core.connectors.discord.memory import Conversations
from parachute_core.connectors.discord.sender import Repeats
from parachute_core.connectors.discord.session import Session
from parachute_core.lanes import Lanes
from parachute_core.model.errors import ConnectorError, CredentialsRefused, NotDelivered
from parachute_core.model.message import Voice
from parachute_core.model.outgoing import Outgoing, Receipt
from parachute_core.model.traits import Rate, Traits, realm_of, utf16_units
from parachute_core.store.unbroken import unbroken

MAX_LENGTH = 2000
"""UTF-16 units: never less than Discord counts, whichever way it does."""
EDIT_INTERVAL = 1.5
"""Seconds; Discord allows about one edit a second in a channel."""
RECOGNISED_FOR = 120.0
"""Seconds. Discord checks a nonce against "the past few minutes" (Create Message, `enforce_nonce`): the fewest that may be meant."""

CHANNEL_RATE, RATE = Rate(50, 10.0), Rate(50, 50.0)
"""Fifty requests a second over all (Rate limits, Global Rate Limit). A channel's own limits are in the answers' headers, which the library
heeds; this one only gives a 429 something to close and to stretch."""
MOST_WAITING = 1000
"""Events of one channel that may wait; what comes on top is dropped, so that a flood cannot fill the memory."""


class Discord(Connector):
    """One bot account."""

    traits = Traits(
        max_length=MAX_LENGTH,
        measure=utf16_units,
        edit_interval=EDIT_INTERVAL,
        idempotent_messages=True,
        idempotent_seconds=RECOGNISED_FOR,
        buttons=True,
        chat_rate=lambda _chat_id: CHANNEL_RATE,
        rate=RATE,
    )

    def __init__(self, context: ConnectorContext) -> None:
        self._context = context
        self._settings: DiscordSection = context.settings
        self.traits = replace(Discord.traits, realm=realm_of(self._settings.bot_token))
        self._http = http_settings()
        self._calls = Calls(context.clock)
        self._lanes = Lanes(MOST_WAITING)
        self._conversations: Conversations | None = None
        self._firsts = Firsts(context.memory, context.clock, self.traits.realm, self._settings.allowed_users)
        self._repeats = Repeats()
        self._registered = False
        self._session: Session | None = None

    async def run(self, link: Link) -> None:
        """See `Connector.run`."""
        try:
            await self._run(link)
        except asyncio.CancelledError:
            await self._lanes.abort()
            raise
        except Exception as error:
            raise connection_error(_cause(error)) from error
        finally:
            if self._conversations is not None:
                await unbroken(self._conversations.close())

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Connector.send`. Messages repeat safely: Discord recognises the nonce that is made of the key."""
        if self._session is None:
            raise NotDelivered("not connected")
        return await self._session.send(outgoing)

    async def fetch(self, voice: Voice) -> bytes:
        """See `Connector.fetch`."""
        if self._session is None:
            raise ConnectorError("not connected")
        return await self._session.fetch(voice.reference)

    async def test(self) -> Mapping[str, str]:
        """See `Connector.test`: asks who the token belongs to, and whether the bot may read messages."""
        me, may_read = await self._asked()
        if not may_read:
            raise CredentialsRefused(CLOSE_CODES[4014])
        return {"bot_name": me.username, "bot_id": str(me.id)}

    async def examine(self, *, alone: bool) -> Sequence[Complaint]:  # noqa: ARG002 - asking disturbs nobody
        """See `Connector.examine`."""
        _, may_read = await self._asked()
        return () if may_read else (Complaint("discord-intent-missing", CLOSE_CODES[4014]),)

    async def _asked(self) -> tuple[OwnUser, bool]:
        """Who the bot is, and whether it may read messages."""
        app = RESTApp(http_settings=self._http, loads=loads, max_rate_limit=LONGEST_PAUSE, max_retries=0, url=self._settings.rest_url)
        await app.start()
        try:
            async with app.acquire(self._settings.bot_token, TokenType.BOT) as rest:
                return await rest.fetch_my_user(), not await lacks_content_intent(rest)
        except Exception as error:
            raise connection_error(error) from error
        finally:
            await app.close()

    async def _run(self, link: Link) -> None:
        clock, logger = self._context.clock, self._context.logger
        conversations = await self._remembered()
        bot = make_bot(self._settings.bot_token, self._settings.rest_url, self._http)
        news: asyncio.Queue[Callable[[], None]] = asyncio.Queue()
        chores = Chores(logger)
        session = Session(bot.rest, self._calls, chores, self._context, self._repeats)

        def prove(what: str) -> None:
            news.put_nowait(partial(link.prove, what))
            chores.begin("note that the session lives", self._firsts.alive())

        def ready(application: int) -> None:
            chores.begin("register the commands", self._register(bot.rest, application))
            chores.begin("look for first words", self._firsts.look_back(backfill, inbox.look_back))

        backfill = Backfill(bot.rest, self._calls, conversations, clock, logger)
        outlets = Outlets(prove=prove, used=session.acknowledge, ready=ready)
        handover = Handover(link.receive, backfill.fetch, conversations, self._firsts, clock)
        all_messages = self._settings.group_mention_mode is MentionMode.ALL_MESSAGES
        inbox = Inbox(self._context, outlets, bot.entity_factory, handover, self._lanes, all_messages=all_messages)
        bot.subscribe(ShardPayloadEvent, inbox.listen)
        notice_losses(bot, lambda reason: news.put_nowait(partial(link.lost, reason)))
        self._session = session
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_tell(news))
                group.create_task(stay_connected(bot, clock, prove, session.close))
        finally:
            self._session = None
            await unbroken(self._close(chores))

    async def _close(self, chores: Chores) -> None:
        await chores.close()
        await self._calls.close()

    async def _remembered(self) -> Conversations:
        """What earlier starts left is read once; after that what happened since is better known here."""
        if self._conversations is None:
            conversations = Conversations(self._context.memory, self._context.clock, self._context.logger)
            await conversations.load()
            await self._firsts.load()
            self._conversations = conversations
        return self._conversations

    async def _register(self, rest: RESTClient, application: int) -> None:
        if not self._registered:
            await slash.register(rest, self._calls, application)
            self._registered = True


async def _tell(news: "asyncio.Queue[Callable[[], None]]") -> None:
    # In order, and here and not where it is noticed, since what a plugin's veto raises must end the run.
    while True:
        (await news.get())()


def _cause(error: Exception) -> Exception:
    """What made a group of tasks fail."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
