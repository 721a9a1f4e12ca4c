"""Parley: a chat service with a long poll for what people say and one call for what the bot says."""

import ssl
from collections.abc import Mapping
from typing import Any, ClassVar

import httpx
from pydantic import Field

from parachute_core.config.platforms import PlatformSection
from parachute_core.connectors.base import Connector, ConnectorContext, Link
from parachute_core.model.errors import Ambiguous, ConnectionLost, CredentialsRefused, NotDelivered, Rejected, Unreachable
from parachute_core.model.message import Inbound
from parachute_core.model.outgoing import Outgoing, Receipt, SendKind
from parachute_core.model.traits import Traits

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
TLS = ssl.create_default_context()  # reading the machine's certificates takes long: once is enough


class Settings(PlatformSection):
    """`parley:` in `bots.yaml`."""

    secret_keys: ClassVar[tuple[str, ...]] = ("token",)

    url: str = ""
    token: str = Field(default="", repr=False)


class Parley(Connector):
    """One start of the connector."""

    traits = Traits(max_length=500, idempotent_messages=True)

    def __init__(self, context: ConnectorContext, timeout: float = 30.0) -> None:
        self._context = context
        self._timeout = timeout
        self._http: httpx.AsyncClient | None = None

    async def run(self, link: Link) -> None:
        """Ask for events for ever. What was taken over is kept, so that nothing is lost or answered twice by a restart."""
        memory = self._context.memory
        seen = int(await memory.get("seen") or "0")
        async with self._client() as http:
            self._http = http
            try:
                while True:
                    events = await self._ask(http, "/events", after=seen)
                    link.prove("poll")
                    for event in events:
                        if (message := self._read(event)) is not None:
                            await link.receive(message)
                        seen = event["number"]
                        await memory.put("seen", str(seen))
            finally:
                self._http = None

    async def send(self, outgoing: Outgoing) -> Receipt:
        """One call for a new message; there are no other kinds here that show anything."""
        if outgoing.kind is not SendKind.MESSAGE:
            return Receipt()
        if self._http is None:
            raise NotDelivered("not connected")
        try:
            answer = await self._http.post("/messages", json={"chat": outgoing.chat_id, "text": outgoing.text, "key": outgoing.key})
        except NEVER_SENT as error:
            raise NotDelivered(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise Ambiguous(type(error).__name__) from error
        if answer.status_code == 429:
            raise NotDelivered("too many messages", answer.json()["retry_after"])
        if answer.status_code >= 500:
            raise Ambiguous(f"status {answer.status_code}")
        if answer.status_code == 403:
            raise Unreachable("who is written to has blocked the bot")
        if answer.status_code >= 400:
            raise Rejected(f"status {answer.status_code}")
        return Receipt(str(answer.json()["id"]))

    async def test(self) -> Mapping[str, str]:
        """Ask who the token belongs to."""
        async with self._client() as http:
            return {"bot_name": str(await self._ask(http, "/me"))}

    def _client(self) -> httpx.AsyncClient:
        settings: Settings = self._context.settings
        headers = {"Authorization": f"Bearer {settings.token}"}
        return httpx.AsyncClient(base_url=settings.url, headers=headers, timeout=self._timeout, verify=TLS)

    async def _ask(self, http: httpx.AsyncClient, path: str, **params: int) -> Any:
        try:
            answer = await http.get(path, params=params)
        except httpx.HTTPError as error:
            raise ConnectionLost(type(error).__name__) from error
        if answer.status_code == 401:
            raise CredentialsRefused("Parley refuses the token")
        if answer.status_code == 429:
            raise ConnectionLost("too many requests", answer.json()["retry_after"])
        if answer.status_code != 200:
            raise ConnectionLost(f"status {answer.status_code}")
        return answer.json()

    def _read(self, event: Mapping[str, Any]) -> Inbound | None:
        """What a person said; None for an edit, and for what cannot be read."""
        said = event.get("said")
        if not isinstance(said, dict) or not all(isinstance(said.get(key), str) for key in ("id", "user", "text")):
            return None
        return Inbound(
            platform=self._context.platform,
            chat_id=said["user"],
            user_id=said["user"],
            text=said["text"],
            message_id=said["id"],
            received_at=self._context.clock.now(),
        )


def make_connector(context: ConnectorContext) -> Connector:
    """The entry point."""
    return Parley(context)
