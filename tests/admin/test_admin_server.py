"""The server itself, over real sockets: binding, refusing, and stopping while clients hang on."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from quart import Blueprint, Quart, Response, websocket
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from parachute_core import ConfigError, hookimpl
from parachute_core.admin.server import LARGEST_FRAME, AdminServer
from parachute_core.testing import RunningBot, running_bot


def make_plain_app() -> Quart:
    app = Quart("plain")

    @app.get("/")
    async def root() -> str:
        return "here"

    return app


class Hanging:
    """A plugin with routes that never end by themselves."""

    def __init__(self, _context: Any) -> None:
        self.open = 0

    @hookimpl
    def admin_blueprint(self) -> Blueprint:
        blueprint = Blueprint("hanging", __name__)

        @blueprint.get("/stream")
        async def stream() -> Response:
            async def events() -> AsyncIterator[bytes]:
                self.open += 1
                try:
                    while True:
                        yield b"data: tick\n\n"
                        await asyncio.sleep(0.05)
                finally:
                    self.open -= 1

            response = Response(events(), mimetype="text/event-stream")
            response.timeout = None
            return response

        @blueprint.websocket("/socket")
        async def talk() -> None:
            await websocket.accept()
            while True:
                await websocket.send(f"{len(await websocket.receive())}")

        return blueprint


async def raw(bot: RunningBot, request: bytes) -> bytes:
    """The first bytes of the answer to a request as it stands."""
    reader, writer = await asyncio.open_connection("127.0.0.1", bot.runtime.server.port)
    try:
        writer.write(request)
        await writer.drain()
        async with asyncio.timeout(5):
            return await reader.read(65536)
    finally:
        writer.close()
        await writer.wait_closed()


def to_socket(bot: RunningBot, path: str, **headers: str) -> connect:
    sent = {name.replace("_", "-"): text for name, text in headers.items()}
    return connect(bot.url.replace("http", "ws") + path, additional_headers=sent)


async def refusal(connection: connect) -> int:
    with pytest.raises(InvalidStatus) as caught:
        await connection
    assert b'"success":false' in (caught.value.response.body or b"")
    return caught.value.response.status_code


async def test_listens_on_a_free_port_and_says_which() -> None:
    async with AdminServer(make_plain_app(), "127.0.0.1", 0).serving() as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        async with httpx.AsyncClient() as client:
            answer = await client.get(server.url)
    assert answer.text == "here"
    assert "server" not in answer.headers


async def test_a_url_can_be_opened_whatever_the_address() -> None:
    for host, url in (
        ("0.0.0.0", "http://127.0.0.1:5"),
        ("::", "http://[::1]:5"),
        ("::1", "http://[::1]:5"),
        ("localhost", "http://localhost:5"),
    ):
        assert AdminServer(make_plain_app(), host, 5).url == url


async def test_a_taken_port_is_one_clear_line() -> None:
    async with AdminServer(make_plain_app(), "127.0.0.1", 0).serving() as first:
        with pytest.raises(ConfigError, match="taken") as caught:
            await AdminServer(make_plain_app(), "127.0.0.1", first.port).start()
    assert "\n" not in str(caught.value)
    assert str(first.port) in str(caught.value)


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("no-such-host.invalid", 0), ("127.0.0.1", 70000)])
async def test_an_address_that_cannot_be_had_is_one_clear_line(host: str, port: int) -> None:
    with pytest.raises(ConfigError) as caught:
        await AdminServer(make_plain_app(), host, port).start()
    assert "\n" not in str(caught.value)


async def test_the_port_is_free_after_the_stop_and_stopping_can_be_repeated() -> None:
    server = AdminServer(make_plain_app(), "127.0.0.1", 0)
    await server.stop()
    await server.start()
    async with httpx.AsyncClient() as client:  # leaves a connection in the state of winding down
        await client.get(server.url)
    await server.stop()
    await server.stop()
    async with AdminServer(make_plain_app(), "127.0.0.1", server.port).serving() as again:
        assert again.port == server.port


async def test_signals_are_left_to_the_command() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    async with AdminServer(make_plain_app(), "127.0.0.1", 0).serving():
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


async def test_an_app_that_cannot_start_leaves_nothing_behind() -> None:
    app = make_plain_app()

    @app.before_serving
    async def fail() -> None:
        raise LookupError("broken")

    server = AdminServer(app, "127.0.0.1", 0)
    with pytest.raises(LookupError):
        await server.start()
    with socket.create_server(("127.0.0.1", server.port)):
        pass


async def test_stops_in_time_with_sockets_and_streams_open() -> None:
    plugins: list[Hanging] = []

    def make(context: Any) -> Hanging:
        plugins.append(Hanging(context))
        return plugins[0]

    async with httpx.AsyncClient(timeout=20) as client:
        talk: ClientConnection
        async with running_bot(extra_plugins={"hanging": make}, serve=True) as bot:
            key = bot.runtime.key
            talk = await to_socket(bot, "/api/socket", X_API_Key=key)
            await talk.send("12345")
            assert await talk.recv() == "5"
            request = client.build_request("GET", f"{bot.url}/api/stream", headers={"X-API-Key": key})
            stream = await client.send(request, stream=True)
            assert (await anext(stream.aiter_bytes())).startswith(b"data")
            stopping = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - stopping < 8
        assert plugins[0].open == 0
        with pytest.raises(ConnectionClosed):
            await talk.recv()
        await stream.aclose()


async def test_a_websocket_is_guarded_like_a_request() -> None:
    async with running_bot(extra_plugins={"hanging": Hanging}, serve=True) as bot:
        key, port = bot.runtime.key, bot.runtime.server.port
        assert await refusal(to_socket(bot, "/api/socket")) == 401
        assert await refusal(to_socket(bot, "/api/socket", X_API_Key="wrong")) == 401
        assert await refusal(to_socket(bot, "/api/socket", X_API_Key=key, Origin="https://evil.example")) == 403
        assert await refusal(to_socket(bot, "/api/socket", X_API_Key=key, Sec_Fetch_Site="cross-site")) == 403
        assert await refusal(to_socket(bot, "/chat/socket", Origin="https://evil.example")) == 403
        assert await refusal(to_socket(bot, "/nothing")) == 404
        async with to_socket(bot, "/api/socket", X_API_Key=key, Origin=f"http://127.0.0.1:{port}") as talk:
            await talk.send("hello")
            assert await talk.recv() == "5"
        handshake = (
            f"GET /chat/socket HTTP/1.1\r\nHost: evil.example:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert (await raw(bot, handshake.encode())).startswith(b"HTTP/1.1 421")


async def test_a_frame_above_the_limit_ends_that_connection_alone() -> None:
    async with running_bot(extra_plugins={"hanging": Hanging}, serve=True) as bot:
        async with to_socket(bot, "/api/socket", X_API_Key=bot.runtime.key) as talk:
            with pytest.raises(ConnectionClosed):
                await asyncio.gather(talk.send("x" * (LARGEST_FRAME + 1)), talk.recv())
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{bot.url}/healthz")).status_code == 200


async def test_odd_requests_on_the_wire_are_refused_and_break_nothing() -> None:
    async with running_bot(serve=True) as bot:
        key = bot.runtime.key.encode()
        for request, status in (
            (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n", b"200"),
            (b"GET /healthz HTTP/1.0\r\n\r\n", b"421"),
            (b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"421"),
            (b"GET //api/bots/status HTTP/1.1\r\nHost: localhost\r\n\r\n", b"401"),
            (b"GET /%61pi/bots/status HTTP/1.1\r\nHost: localhost\r\n\r\n", b"401"),
            (b"GET /api%2Fbots/status HTTP/1.1\r\nHost: localhost\r\n\r\n", b"401"),
            (b"GET /./api/bots/status HTTP/1.1\r\nHost: localhost\r\n\r\n", b"404"),
            (b"GET /api/bots/status HTTP/1.1\r\nHost: localhost\r\nX-API-Key: \xff\xfe\r\n\r\n", b"401"),
            (b"GET /api/bots/status HTTP/1.1\r\nHost: localhost\r\nX-API-Key: " + key + b"\r\n\r\n", b"200"),
            (b"GET /api/%ff%00 HTTP/1.1\r\nHost: localhost\r\nX-API-Key: " + key + b"\r\n\r\n", b"404"),
            (b"not HTTP at all\r\n\r\n", b"400"),
        ):
            answer = await raw(bot, request)
            assert answer.startswith((b"HTTP/1.1 " + status, b"HTTP/1.0 " + status)), request


async def test_a_body_without_a_length_is_limited_too() -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"x" * 65536

    async with running_bot(serve=True) as bot, httpx.AsyncClient(base_url=bot.url, headers={"X-API-Key": bot.runtime.key}) as client:
        answer = await client.put("/api/bots/config", content=endless())
        assert (answer.status_code, answer.json()["success"]) == (413, False)
        answer = await client.put("/api/bots/config", content=b"x" * 500_000)
        assert (answer.status_code, answer.json()["success"]) == (413, False)
        assert (await client.get("/api/health")).status_code == 200
