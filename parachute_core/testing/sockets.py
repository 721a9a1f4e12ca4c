"""A visitor's side of the web chat without a server: a socket in memory, and a core that takes what is said."""

import asyncio
import json
from collections import deque
from typing import Any

from parachute_core.connectors.webchat import Disconnected, WebChat
from parachute_core.model.message import Inbound

Frame = dict[str, Any]


class FakeSocket:
    """A `Socket`: tests say frames and read what was told."""

    def __init__(self) -> None:
        self.told: deque[Frame] = deque()
        """Frames that the client took and the test has not looked at, oldest first."""
        self.close_code: int | None = None
        """The code that the server closed with; None while it has not."""
        self._said: asyncio.Queue[str | bytes | None] = asyncio.Queue()
        self._news = asyncio.Event()
        self._reads = asyncio.Event()
        self._reads.set()
        self._broken = False
        self._serving: asyncio.Task[None] | None = None

    @classmethod
    def open(cls, chat: WebChat) -> "FakeSocket":
        """A socket that `chat` serves."""
        socket = cls()
        socket._serving = asyncio.create_task(chat.serve(socket))
        return socket

    def say(self, frame: Frame | str | bytes) -> None:
        """Send a frame; text and bytes go as they are."""
        self._said.put_nowait(json.dumps(frame) if isinstance(frame, dict) else frame)

    async def next(self, kind: str, within: float = 5.0) -> Frame:
        """The next frame, which must be of this type. Fails after `within` real seconds."""
        async with asyncio.timeout(within):
            while not self.told:
                self._news.clear()
                await self._news.wait()
        frame = self.told.popleft()
        assert frame["type"] == kind, frame  # noqa: S101 - a test's own expectation
        return frame

    async def hello(self, token: str | None = None) -> Frame:
        """Say hello and return the welcome."""
        self.say({"type": "hello", "token": token})
        return await self.next("welcome")

    def stop_reading(self) -> None:
        """From now on the client takes no frame."""
        self._reads.clear()

    def break_off(self) -> None:
        """The connection breaks: nothing more goes in or out, also not what is on its way."""
        self._broken = True
        self._reads.set()
        self._said.put_nowait(None)

    async def over(self, within: float = 5.0) -> None:
        """Return once the server has let go of the socket. Fails after `within` real seconds."""
        assert self._serving is not None, "nobody serves this socket"  # noqa: S101 - a test's own mistake
        async with asyncio.timeout(within):
            await self._serving

    async def receive(self) -> str | bytes:
        """See `Socket.receive`."""
        frame = await self._said.get()
        if frame is None:
            raise Disconnected
        return frame

    async def send(self, text: str) -> None:
        """See `Socket.send`."""
        await self._reads.wait()
        if self._broken:
            raise Disconnected
        self.told.append(json.loads(text))
        self._news.set()

    async def close(self, code: int) -> None:
        """See `Socket.close`."""
        if self._broken:
            raise Disconnected
        self.close_code = code


class FakeLink:
    """A `Link` that remembers what was handed over."""

    def __init__(self) -> None:
        self.received: list[Inbound] = []
        self.proofs: list[str] = []
        self.owner_tokens: set[str] = set()
        """Tokens that `redeem` still takes, each once."""
        self.redeemed: list[str] = []
        """Users that redeemed one."""
        self.failures: deque[Exception] = deque()
        """What the coming calls raise, oldest first."""
        self.gate = asyncio.Event()
        """While cleared, `receive` waits."""
        self.gate.set()
        self.losses: list[str] = []
        """Why the connection was said to be lost, each time."""
        self.allowed: set[str] = set()
        """Ids that `is_allowed` says yes to."""
        self.back: list[str] = []
        """Chats that were said to be reachable, each time."""
        self.moves: list[tuple[str, str]] = []
        """Chats that were said to have moved: old and new id."""
        self._arrived = asyncio.Event()

    async def receive(self, message: Inbound) -> None:
        """See `Link.receive`."""
        await self.gate.wait()
        if self.failures:
            raise self.failures.popleft()
        self.received.append(message)
        self._arrived.set()

    async def texts(self, count: int, within: float = 10.0) -> list[str]:
        """The texts that were handed over, once there are `count`. Fails after `within` real seconds."""
        async with asyncio.timeout(within):
            while len(self.received) < count:
                self._arrived.clear()
                await self._arrived.wait()
        return [one.text for one in self.received]

    def prove(self, what: str) -> None:
        """See `Link.prove`."""
        self.proofs.append(what)

    def lost(self, reason: str) -> None:
        """See `Link.lost`."""
        self.losses.append(reason)

    def is_allowed(self, listed_id: str) -> bool:
        """See `Link.is_allowed`."""
        return listed_id in self.allowed

    async def reachable(self, chat_id: str) -> None:
        """See `Link.reachable`."""
        self.back.append(chat_id)

    async def moved(self, old_chat_id: str, new_chat_id: str) -> None:
        """See `Link.moved`."""
        self.moves.append((old_chat_id, new_chat_id))

    async def redeem(self, user_id: str, token: str) -> bool:
        """See `Link.redeem`."""
        if self.failures:
            raise self.failures.popleft()
        if token not in self.owner_tokens:
            return False
        self.owner_tokens.remove(token)
        self.redeemed.append(user_id)
        return True
