"""The web chat over real WebSockets."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from parachute_core.model.errors import Unreachable
from parachute_core.model.outgoing import SendKind

if TYPE_CHECKING:
    from tests.admin.chat.conftest import ChatServer

pytestmark = pytest.mark.asyncio(loop_scope="module")


def socket_url(server: "ChatServer") -> str:
    return server.url.replace("http", "ws") + "/chat/socket"


async def told(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(10):
        frame = json.loads(await socket.recv())
    assert isinstance(frame, dict)
    return frame


async def hello(socket: ClientConnection, token: str | None = None) -> dict[str, Any]:
    await socket.send(json.dumps({"type": "hello", "token": token}))
    welcome = await told(socket)
    assert welcome["type"] == "welcome"
    return welcome


async def test_a_conversation(server: "ChatServer") -> None:
    async with connect(socket_url(server)) as socket:
        await hello(socket)
        await socket.send(json.dumps({"type": "message", "text": "héllo 🪂", "id": "1"}))
        assert await told(socket) == {"type": "ack", "id": "1"}
        assert await server.link.texts(1) == ["héllo 🪂"]
        receipt = await server.send(SendKind.MESSAGE, "hi 🪂")
        assert await told(socket) == {"type": "message", "id": receipt.message_id, "text": "hi 🪂", "final": True}


async def test_the_identity_outlives_a_restart_of_the_server(server: "ChatServer") -> None:
    async with connect(socket_url(server)) as socket:
        welcome = await hello(socket)
        await server.stop()
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 1012
    await server.start()
    async with connect(socket_url(server)) as socket:
        assert await hello(socket, welcome["token"]) == welcome


@pytest.mark.parametrize("bad", [b"\x00\x01", b"", "", "{", "x" * 70_000, '{"type": "message", "text": "' + "é" * 400_000 + '"}'])
async def test_what_cannot_be_read_is_answered_and_the_connection_lives_on(server: "ChatServer", bad: str | bytes) -> None:
    async with connect(socket_url(server)) as socket:
        await hello(socket)
        await socket.send(bad)
        assert (await told(socket))["type"] == "error"
        await socket.send('{"type": "message", "text": "still here", "id": "1"}')
        assert (await told(socket))["type"] == "ack"


async def test_a_client_that_goes_is_gone_at_once(server: "ChatServer") -> None:
    async with connect(socket_url(server)) as socket:
        await hello(socket)
        await socket.send('{"type": "message", "text": "x", "id": "1"}')
        await told(socket)
    async with asyncio.timeout(5):
        while True:
            try:
                await server.send(SendKind.TYPING)
            except Unreachable:
                break
            await asyncio.sleep(0.01)


async def test_a_message_is_taken_even_when_its_sender_goes_meanwhile(server: "ChatServer") -> None:
    server.link.gate.clear()
    async with connect(socket_url(server)) as socket:
        await hello(socket)
        await socket.send('{"type": "message", "text": "bye", "id": "1"}')
        await socket.send("{")
        await told(socket)
    server.link.gate.set()
    assert await server.link.texts(1) == ["bye"]


async def test_a_chat_that_is_switched_off_says_so_and_can_be_switched_on(server: "ChatServer") -> None:
    chat, server.chat = server.chat, None
    async with connect(socket_url(server)) as socket:
        assert "switched off" in (await told(socket))["error"]
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 1013
    server.chat = chat
    async with connect(socket_url(server)) as socket:
        await hello(socket)


async def test_the_page_and_its_parts(server: "ChatServer") -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        page = await client.get("/chat")
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' ws://127.0.0.1:" in policy
        assert policy.endswith("base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] == "no-referrer"
        for name, kind in (("chat.css", "text/css"), ("chat.js", "text/javascript"), ("chat-view.js", "text/javascript")):
            part = await client.get(f"/chat/{name}")
            assert part.headers["content-type"] == f"{kind}; charset=utf-8"
            again = await client.get(f"/chat/{name}", headers={"If-None-Match": part.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")
        for name in ("chat.html", "..%2fchat.py", "nothing.js"):
            assert (await client.get(f"/chat/{name}")).status_code == 404


async def test_a_strange_host_name_adds_nothing_to_the_policy(server: "ChatServer") -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        page = await client.get("/chat", headers={"Host": "evil; script-src *"})
        assert "script-src *" not in page.headers.get("content-security-policy", "")
