import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest_asyncio
from quart import Quart

from parachute_core.admin.chat import chat_blueprint
from parachute_core.admin.server import AdminServer
from parachute_core.clock import SystemClock
from parachute_core.connectors.webchat import WebChat, make_connector
from parachute_core.model.outgoing import Outgoing, Purpose, Receipt, SendKind
from parachute_core.testing.memory import connector_context
from parachute_core.testing.sockets import FakeLink


class ChatServer:
    """The page and its WebSocket on a real port, in front of a core that only remembers what it was told."""

    def __init__(self) -> None:
        self.link = FakeLink()
        self.chat: WebChat | None = None
        self.url = ""
        self._numbers = itertools.count()
        self._port = 0
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        app = Quart("chat")
        app.register_blueprint(chat_blueprint(lambda: self.chat))
        server = AdminServer(app, "127.0.0.1", self._port)
        await self._stack.enter_async_context(server.serving())
        self.url, self._port = server.url, server.port
        await self.switch_on()

    async def stop(self) -> None:
        await self._stack.aclose()

    async def switch_on(self) -> None:
        await self._stack.enter_async_context(self._running())

    @asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        chat = make_connector(connector_context("web", None, clock=SystemClock()))
        task = asyncio.create_task(chat.run(self.link))
        await asyncio.sleep(0)
        self.chat = chat
        yield
        self.chat = None
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def send(self, kind: SendKind, text: str = "", *, target_id: str | None = None, final: bool = True) -> Receipt:
        """Say something to whoever wrote last."""
        chat_id = self.link.received[-1].chat_id
        assert self.chat is not None
        return await self.chat.send(
            Outgoing("web", chat_id, kind, Purpose.REPLY, f"key-{next(self._numbers)}", text, target_id, final=final)
        )


@pytest_asyncio.fixture(loop_scope="module")
async def server() -> AsyncIterator[ChatServer]:
    server = ChatServer()
    await server.start()
    yield server
    await server.stop()
