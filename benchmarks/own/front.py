"""Deliveries and signs of life over the bot's own server, before the framework and behind it."""

import asyncio
import time
from collections.abc import Mapping

from benchmarks.served import ask
from parachute_core.admin.server import AdminServer
from parachute_core.testing import FakeConnector, running_bot

CLIENTS, EACH = 8, 100


class Webhooked(FakeConnector):
    """Takes everything and keeps nothing."""

    def knows_sender(self, headers: Mapping[str, str]) -> bool | None:
        return True

    async def deliver(self, body: bytes) -> None:
        return


async def nothing(port: int, request: bytes) -> float:
    """What the clients cost themselves: the same exchange with a server that parses nothing."""
    body = b'HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{"status":"ok"}'

    class Canned(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            assert isinstance(self.transport, asyncio.Transport)
            self.transport.write(body)

    server = await asyncio.get_running_loop().create_server(Canned, "127.0.0.1", 0)
    own = server.sockets[0].getsockname()[1]
    began = time.process_time()
    await ask(own, request, clients=CLIENTS, each=EACH)
    took = time.process_time() - began
    server.close()
    return took


async def answered(path: str, method: str, *, front: bool) -> float:
    """Nanoseconds of the server's CPU time an answer."""
    async with running_bot(connector=Webhooked(), serve=True) as bot:
        body = b'{"update_id": 1, "message": {"text": "hello"}}' if method == "POST" else b""
        sent = f"Host: 127.0.0.1\r\nAuthorization: Bearer {bot.runtime.key}\r\nContent-Length: {len(body)}\r\n"
        head = f"{method} {path} HTTP/1.1\r\n{sent}\r\n".encode()
        behind = AdminServer(bot.runtime.server.app, "127.0.0.1", 0)
        async with behind.serving():
            port = bot.runtime.server.port if front else behind.port
            await ask(port, head + body, clients=CLIENTS, each=EACH)
            began = time.process_time()
            await ask(port, head + body, clients=CLIENTS, each=EACH)
            took = time.process_time() - began
        return (took - await nothing(port, head + body)) / (CLIENTS * EACH) * 1e9


CASES = {"answered": answered}
