"""A proxy with faults in front of any HTTP counterpart: what comes between a connector and its platform goes wrong here."""

import asyncio
import contextlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from parachute_core.testing.http import Answer, JsonServer, Request

OF_ONE_HOP = frozenset(
    {"connection", "content-length", "host", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)
"""Headers that are not passed on."""
UNREACHABLE: Answer = (502, {}, "the counterpart of the proxy cannot be reached")


class FaultProxy(JsonServer):
    """Passes every request on to `target` (`http://host:port`), but where one of its `faults` says otherwise.

    A fault that acts (`lost`, `cut`) lets the counterpart act first. Everything of `JsonServer` is here too: `requests` records what
    came in, `stop` and `start` make the counterpart vanish and come back at the same address, `route` answers a path itself.
    Bodies are passed on whole, not as streams. WebSockets are not passed on.
    """

    def __init__(self, target: str) -> None:
        super().__init__()
        parts = urlsplit(target)
        if parts.scheme != "http" or parts.hostname is None:
            raise ValueError(f"the proxy passes on to http://host:port, not to {target}")
        self._host = parts.hostname
        self._at = parts.port or 80

    async def _unrouted(self, request: Request) -> Answer:
        try:
            reader, writer = await asyncio.open_connection(self._host, self._at)
        except OSError:
            return UNREACHABLE
        try:
            writer.write(self._encoded(request))
            await writer.drain()
            return await _answer(reader)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            return UNREACHABLE
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _encoded(self, request: Request) -> bytes:
        kept = {name: value for name, value in request.headers.items() if name not in OF_ONE_HOP}
        headers = {"host": f"{self._host}:{self._at}", **kept, "content-length": str(len(request.body)), "connection": "close"}
        head = f"{request.method} {request.target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return head.encode("latin-1") + b"\r\n" + request.body


async def _answer(reader: asyncio.StreamReader) -> Answer:
    """What the counterpart says; it closes the connection after that. Raises `ValueError` when it is no HTTP."""
    line = (await reader.readline()).decode("latin-1").split(" ", 2)
    if len(line) < 2:
        raise ValueError("no status line")
    headers: dict[str, str] = {}
    while field := (await reader.readline()).strip().decode("latin-1"):
        name, _, value = field.partition(":")
        headers[name.strip().title()] = value.strip()
    body = await _body(reader, headers)
    return int(line[1]), {name: value for name, value in headers.items() if name.lower() not in OF_ONE_HOP}, body


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("Transfer-Encoding", "").lower() == "chunked":
        body = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        return body
    if (length := headers.get("Content-Length")) is not None:
        return await reader.readexactly(int(length))
    return await reader.read()
