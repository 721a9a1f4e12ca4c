"""Quart's WebSocket as the web chat's `Socket`."""

import asyncio
from typing import TYPE_CHECKING

from quart import Quart, Websocket
from quart.asgi import ASGIWebsocketConnection

from parachute_core.connectors.webchat import Disconnected

if TYPE_CHECKING:
    from hypercorn.typing import ASGIReceiveCallable, ASGIReceiveEvent, WebsocketScope

INBOX = 16
"""Frames of one client that wait inside Quart before the server stops reading from that client."""


class QuartSocket:
    """A `Socket`. When the client goes, Quart cancels whoever serves it instead of telling `receive`."""

    def __init__(self, connection: Websocket) -> None:
        self._connection = connection

    async def receive(self) -> str | bytes:
        """See `Socket.receive`."""
        return await self._connection.receive()

    async def send(self, text: str) -> None:
        """See `Socket.send`."""
        try:
            await self._connection.send(text)
        except (OSError, RuntimeError):  # the server's ways to say that the client has gone
            raise Disconnected from None

    async def close(self, code: int) -> None:
        """See `Socket.close`."""
        try:
            await self._connection.close(code)
        except (OSError, RuntimeError):
            raise Disconnected from None


class SteadyConnection(ASGIWebsocketConnection):
    """Quart's connection, without two ways for a client to upset it: a flood that piles up, and an empty binary frame."""

    def __init__(self, app: Quart, scope: "WebsocketScope") -> None:
        super().__init__(app, scope)
        self.queue = asyncio.Queue(INBOX)

    async def handle_messages(self, receive: "ASGIReceiveCallable") -> None:
        """Pass frames on until the client goes."""

        async def receive_sound() -> "ASGIReceiveEvent":
            event = await receive()
            # Servers leave out the key that has no value; Quart looks for a text where the bytes are empty.
            if event["type"] == "websocket.receive" and not event.get("bytes") and event.get("text") is None:
                event["text"] = ""
            return event

        await super().handle_messages(receive_sound)
