"""One WebSocket as a client: as light as it can be, since thousands of them share a process."""

import asyncio
import json
from asyncio import Protocol as StreamProtocol
from collections.abc import Callable
from typing import Any

from typing_extensions import override
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Ping, RejectConnection, Request, TextMessage
from wsproto.utilities import ProtocolError

Frame = dict[str, Any]


class ClientSocket(StreamProtocol):
    """Tells each frame to `told`, and once to `closed` that it is over."""

    def __init__(self, host: str, path: str, told: Callable[[Frame], None], closed: Callable[[], None]) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done once frames can be sent. Raises `ConnectionError` where it does not come to that."""
        self._request = Request(host=host, target=path)
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._transport: asyncio.Transport | None = None
        self._told = told
        self._closed = closed
        self._text = ""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP connection has no other
        self._transport = transport
        transport.write(self._protocol.send(self._request))

    @override
    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        try:
            self._protocol.receive_data(data)
            for event in self._protocol.events():
                self._take(event)
        except (ProtocolError, ValueError):
            self.close()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._transport = None
        self._fail("the connection ended")
        self._closed()

    def send(self, frame: Frame) -> bool:
        """Say something; False when the socket is closed."""
        if self._transport is None or self._transport.is_closing() or not self.opened.done():
            return False
        self._transport.write(self._protocol.send(TextMessage(json.dumps(frame))))
        return True

    def close(self) -> None:
        """End it at once."""
        if self._transport is not None:
            self._transport.close()

    def _take(self, event: object) -> None:
        match event:
            case AcceptConnection():
                if not self.opened.done():
                    self.opened.set_result(None)
            case RejectConnection(status_code=status):
                self._fail(f"refused with {status}")
                self.close()
            case TextMessage(data=data, message_finished=finished):
                self._text += data
                if finished:
                    text, self._text = self._text, ""
                    self._told(json.loads(text))
            case Ping() if self._transport is not None:
                self._transport.write(self._protocol.send(event.response()))
            case CloseConnection():
                self.close()

    def _fail(self, why: str) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionError(why))
            self.opened.exception()  # looked at, whether or not somebody still waits
