"""The Matrix connector: the loop that syncs, and one event for each thing to send."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from parachute_core.config.schema import MatrixSection
from parachute_core.connectors.base import Connector, ConnectorContext, Link
from parachute_core.connectors.matrix.aliases import Aliases
from parachute_core.connectors.matrix.api import Api
from parachute_core.connectors.matrix.faults import MatrixError, connection_error
from parachute_core.connectors.matrix.inbox import Inbox
from parachute_core.connectors.matrix.invites import Invites
from parachute_core.connectors.matrix.late import LateKeys
from parachute_core.connectors.matrix.library import ENCRYPTION_INSTALLED, Timeouts
from parachute_core.connectors.matrix.markdown import json_units
from parachute_core.connectors.matrix.media import fetch
from parachute_core.connectors.matrix.own import OwnEvents
from parachute_core.connectors.matrix.secrecy import Secrecy
from parachute_core.connectors.matrix.sender import Sender
from parachute_core.connectors.matrix.syncing import Syncing
from parachute_core.connectors.matrix.told import Identity
from parachute_core.connectors.open_calls import OpenCalls
from parachute_core.connectors.signs import Signs
from parachute_core.model.errors import CredentialsRefused, NotDelivered
from parachute_core.model.message import Voice
from parachute_core.model.outgoing import Outgoing, Receipt
from parachute_core.model.traits import Rate, Traits, realm_of

MAX_LENGTH = 12_000
"""JSON units of a part. An edit holds its text twice and its HTML once; encrypted, all of it stays below the 65,536 bytes of an event."""
EDIT_INTERVAL = 5.0
"""Seconds between two edits of a message: a homeserver's usual settings let an account send one event in five."""
TYPING_EVERY = 20.0
RATE = Rate(100, 50.0)
"""A homeserver names its limits only when they are met; this one gives a 429, which is for the whole account, something to close."""


class Matrix(Connector):
    """One start of the Matrix connector."""

    traits = Traits(max_length=MAX_LENGTH, measure=json_units, edit_interval=EDIT_INTERVAL, idempotent_messages=True, rate=RATE)

    def __init__(self, context: ConnectorContext, timeouts: Timeouts | None = None, *, encryption: bool = ENCRYPTION_INSTALLED) -> None:
        self._context = context
        self._settings: MatrixSection = context.settings
        self._encryption = encryption
        # A transaction id means something only from the device that it came from (Client-Server API, Transaction identifiers).
        self.traits = replace(Matrix.traits, realm=realm_of(self._settings.access_token))
        self._api = Api(self._settings.homeserver_url, self._settings.access_token, timeouts or Timeouts(), context.clock)
        self._own = OwnEvents(self._api)
        self._sender = Sender(self._api, self._own, self._settings.ack_emoji)
        self._signs: Signs | None = None
        self._calls = OpenCalls(context.clock)

    async def run(self, link: Link) -> None:
        """See `Connector.run`: alive with each completed sync."""
        async with self._api.opened():
            me = await self._whoami()
            folder = self._context.folder
            if self._encryption:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._api.log_in(me, self._device(me), folder if self._encryption else None, self._context.secret.hex())
            self._signs = Signs(self._sender, self._context.clock, TYPING_EVERY, self._context.may_show)
            try:
                await self._syncing(me.user_id).run(link)
            finally:
                signs, self._signs = self._signs, None
                await signs.close()
                await self._calls.ended()
                self._api.close_store()

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Connector.send`. While syncs fail messages may still get through, so they are tried."""
        if outgoing.kind.cosmetic:
            return self._signs.show(outgoing) if self._signs is not None else Receipt()
        async with self._calling():
            try:
                return await self._sender.deliver(outgoing)
            except NotDelivered as error:
                if self._signs is not None and error.retry_after is not None:
                    self._signs.shed(error.retry_after)
                raise

    async def test(self) -> Mapping[str, str]:
        """See `Connector.test`: asks who the bot is."""
        async with self._api.opened():
            return {"user_id": (await self._whoami()).user_id}

    async def fetch(self, voice: Voice) -> bytes:
        """See `Connector.fetch`."""
        async with self._calling():
            return await fetch(self._api, voice)

    async def _whoami(self) -> Identity:
        if not self._settings.homeserver_url or not self._settings.user_id:
            raise CredentialsRefused("homeserver_url and user_id must say where the bot's account is")
        try:
            me = await self._api.whoami()
        except MatrixError as error:
            raise connection_error(error) from error
        if me.user_id != self._settings.user_id:
            raise CredentialsRefused(
                f"the access token belongs to {me.user_id}, and user_id says {self._settings.user_id}: make them agree"
            )
        chosen = "device_id" in self._settings.model_fields_set
        if chosen and me.device_id is not None and me.device_id != self._settings.device_id:
            raise CredentialsRefused(f"the access token belongs to device {me.device_id}, and device_id says {self._settings.device_id}")
        return me

    def _device(self, me: Identity) -> str:
        return me.device_id or self._settings.device_id

    def _syncing(self, me: str) -> Syncing:
        context, api = self._context, self._api
        secrecy = Secrecy(api, context.memory, context.clock, context.logger)
        inbox = Inbox(
            api,
            me,
            self._own,
            secrecy,
            LateKeys(api, context.clock),
            platform=context.platform,
            mode=self._settings.group_mention_mode,
            clock=context.clock,
            logger=context.logger,
        )
        invites = Invites(api, me, context.memory, context.clock, context.logger)
        aliases = Aliases(api, context.clock, self._settings.allowed_rooms)
        return Syncing(api, me, inbox, invites, aliases, context.memory, context.clock, context.logger)

    @asynccontextmanager
    async def _calling(self) -> AsyncIterator[None]:
        with self._calls.one():
            async with self._api.opened():
                yield
