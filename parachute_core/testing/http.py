"""A small HTTP/1.1 server on a loopback socket for fake platforms: JSON routes, and faults where a test wants them."""

import asyncio
import contextlib
import json as jsonlib
import re
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from parachute_core.testing.faults import Fault as Fault

HEAD_LIMIT = 64 * 1024
"""Most bytes of one header line."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read completely."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes = field(repr=False)
    params: Mapping[str, str] = field(default_factory=dict)
    """What stood for each `{name}` of the route's pattern."""
    target: str = ""
    """Path and query as they were sent."""

    def json(self) -> Any:
        """The body as JSON; None when it is empty. Raises `ValueError`."""
        return jsonlib.loads(self.body) if self.body else None

    def form(self) -> dict[str, str]:
        """The body as an urlencoded form; empty when it is none."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))


class BrokenOff(Exception):
    """Raised by the pieces of a `Streamed` body: the connection is reset there."""


@dataclass(frozen=True, slots=True)
class Streamed:
    """A body that is sent piece by piece, as it comes."""

    pieces: AsyncIterator[bytes]
    kind: str
    """Its content type."""


Answer = tuple[int, Mapping[str, str], Any]
"""Status, headers, body: bytes and text go as they are, None is an empty body, `Streamed` as it comes, everything else goes as JSON."""
Handler = Callable[[Request], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """A method, a pattern, and who answers."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler


class JsonServer:
    """Serves on 127.0.0.1 and a free port, which it keeps over `stop` and `start`. Use it as an async context manager."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        """Every request that was read, those that met a fault included."""
        self.faults: list[Fault] = []
        """Rules in force; the first that meets a request decides."""
        self.port = 0
        self._routes: list[Route] = []
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._arrived = asyncio.Event()

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def route(self, method: str, pattern: str, handler: Handler) -> None:
        """Answer `method` at `pattern`, in which `{name}` stands for anything but a slash. The first route that fits is taken."""
        parts = re.split(r"\{(\w+)\}", pattern)
        expression = "".join(f"(?P<{part}>[^/]+)" if number % 2 else re.escape(part) for number, part in enumerate(parts))
        self._routes.append(Route(method, re.compile(expression), handler))

    def paths(self, pattern: str) -> list[str]:
        """The paths asked for so far in which the regular expression is found, oldest first."""
        return [one.path for one in self.requests if re.search(pattern, one.path)]

    async def asked(self, pattern: str, times: int = 1, within: float = 10.0) -> None:
        """Return once such paths were asked for `times` times in all. Fails after `within` real seconds."""
        async with asyncio.timeout(within):
            while len(self.paths(pattern)) < times:
                self._arrived.clear()
                await self._arrived.wait()

    async def start(self) -> None:
        """Listen, at the same port as before if it has listened."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, limit=HEAD_LIMIT)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and break every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self.drop()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def drop(self) -> None:
        """Break every open connection; new ones are taken."""
        for task in self._connections:
            task.cancel()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.stop()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(Connection(reader, writer)))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, connection: "Connection") -> None:
        try:
            while (request := await connection.read()) is not None:
                self.requests.append(request)
                self._arrived.set()
                if not await connection.while_there(self._respond(connection, request)):
                    return
        except (OSError, asyncio.IncompleteReadError, ValueError):
            return  # the client broke off, or does not speak HTTP
        except asyncio.CancelledError:
            connection.abort()
            raise
        finally:
            await connection.close()

    async def _respond(self, connection: "Connection", request: Request) -> None:
        fault = next((one for one in self.faults if one.meets(request.path)), None)
        if fault is None:
            await connection.write(await self._act(request))
            return
        if fault.delay:
            await asyncio.wait({asyncio.get_running_loop().create_future()}, timeout=fault.delay)
        if fault.hang:
            await asyncio.Event().wait()
        elif fault.reset:
            connection.reset()
        elif fault.status is not None:
            await connection.write((fault.status, fault.headers, fault.body))
        else:
            answer = await self._act(request)
            if fault.lost:
                connection.reset()
            else:
                await connection.write(answer, cut=fault.cut)

    async def _act(self, request: Request) -> Answer:
        for route in self._routes:
            found = route.pattern.fullmatch(request.path) if route.method == request.method else None
            if found is not None:
                params = {name: unquote(value) for name, value in found.groupdict().items()}
                return await route.handler(replace(request, params=params))
        return await self._unrouted(request)

    async def _unrouted(self, _request: Request) -> Answer:
        """What answers a request that no route fits."""
        return 404, {}, {"error": "no such route"}


class Connection:
    """One client's connection: requests in, answers out."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._ahead = b""
        """A byte of the next request, read while looking whether the client is still there."""

    async def read(self) -> Request | None:
        """The next request; None when there is none."""
        line = await self._line()
        if not line or self._writer.is_closing():
            return None
        method, target, _ = line.decode("latin-1").split(" ", 2)
        headers: dict[str, str] = {}
        while line := (await self._line()).rstrip(b"\r\n"):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.strip().lower()] = value.strip()
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return Request(method, parts.path, query, headers, await self._body(headers), target=target)

    async def while_there(self, work: Awaitable[None]) -> bool:
        """Do `work` until it is done or the client leaves. Returns whether the connection can still be used."""
        task = asyncio.ensure_future(work)
        ahead = asyncio.ensure_future(self._reader.read(1))
        try:
            await asyncio.wait({task, ahead}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                self._ahead = ahead.result()
                if not self._ahead:
                    return False
            await task
            return not self._writer.is_closing()
        finally:
            task.cancel()
            ahead.cancel()
            await asyncio.gather(task, ahead, return_exceptions=True)
            if ahead.done() and not ahead.cancelled() and ahead.exception() is None:
                self._ahead = ahead.result()

    async def write(self, answer: Answer, cut: int | None = None) -> None:
        """Send an answer; with `cut` only so many bytes of its body, and close."""
        status, headers, body = answer
        if isinstance(body, Streamed):
            await self._stream(_head(status, {"Content-Type": body.kind, **headers, "Transfer-Encoding": "chunked"}), body)
            return
        raw, kind = _encoded(body)
        head = _head(status, {"Content-Type": kind, **headers, "Content-Length": str(len(raw))})
        self._writer.write(head + (raw if cut is None else raw[:cut]))
        await self._writer.drain()
        if cut is not None:
            self._writer.close()

    async def _stream(self, head: bytes, body: Streamed) -> None:
        self._writer.write(head)
        try:
            async for piece in body.pieces:
                self._writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                await self._writer.drain()
        except BrokenOff:
            self.reset()
            return
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    def reset(self) -> None:
        """Break the connection at once: the client reads a reset, not an end."""
        raw: socket.socket | None = self._writer.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.abort()

    def abort(self) -> None:
        """Drop the connection with whatever is not sent yet."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close the connection once everything is sent."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _line(self) -> bytes:
        ahead, self._ahead = self._ahead, b""
        return ahead + await self._reader.readline()

    async def _body(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return await self._reader.readexactly(int(headers.get("content-length", "0")))
        body = b""
        while size := int((await self._reader.readline()).split(b";")[0], 16):
            body += await self._reader.readexactly(size)
            await self._reader.readexactly(2)
        await self._reader.readline()
        return body


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    phrase = HTTPStatus(status).phrase if status in list(HTTPStatus) else "Unknown"
    return (f"HTTP/1.1 {status} {phrase}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n").encode(
        "latin-1"
    )


def _encoded(body: Any) -> tuple[bytes, str]:
    if body is None:
        return b"", "text/plain"
    if isinstance(body, bytes):
        return body, "application/octet-stream"
    if isinstance(body, str):
        return body.encode(), "text/html; charset=utf-8"
    return jsonlib.dumps(body).encode(), "application/json"
