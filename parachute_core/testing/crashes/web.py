"""The web chat's side of a trial: visitors whose pages come back, as the bot's own page does."""

import asyncio
import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from parachute_core.clock import SystemClock
from parachute_core.testing.crashes.counterparts import CHATS
from parachute_core.testing.http import Fault

BACK_AFTER = 0.1
"""Seconds before a page that lost its connection tries again."""


class Page:
    """One visitor. What is not acknowledged is said again, under the same id; a message that comes again replaces itself."""

    def __init__(self) -> None:
        self.user_id: str | None = None
        self.url = ""
        self.shown: dict[str, str] = {}
        self.unsaid: dict[str, None] = {}
        """Texts, oldest first."""
        self._token: str | None = None
        self._socket: ClientConnection | None = None
        self._clock = SystemClock()
        self.known = asyncio.Event()

    async def live(self) -> None:
        """Connect, again and again, until cancelled."""
        while True:
            if self.url:
                with contextlib.suppress(OSError, WebSocketException, TimeoutError):
                    await self._visit()
            self._socket = None
            await self._clock.sleep(BACK_AFTER)

    def say(self, text: str) -> None:
        """Write, now or once there is a connection."""
        self.unsaid[text] = None
        if self._socket is not None:
            self._push(text)

    async def _visit(self) -> None:
        async with connect(self.url.replace("http", "ws") + "/chat/socket", origin=None, additional_headers={"Origin": self.url}) as socket:
            await socket.send(json.dumps({"type": "hello", "token": self._token}))
            async for raw in socket:
                frame = json.loads(raw)
                match frame["type"]:
                    case "welcome":
                        self.user_id, self._token, self._socket = frame["user_id"], frame["token"], socket
                        self.known.set()
                        for text in list(self.unsaid):  # more may be said meanwhile
                            await socket.send(self._frame(text))
                    case "ack":
                        self.unsaid.pop(frame["id"], None)
                    case "message" | "edit":
                        self.shown[frame["id"]] = frame["text"]

    def _push(self, text: str) -> None:
        socket = self._socket
        if socket is not None:
            self._pushing = asyncio.ensure_future(self._send(socket, text))

    async def _send(self, socket: ClientConnection, text: str) -> None:
        with contextlib.suppress(OSError, WebSocketException):
            await socket.send(self._frame(text))

    @staticmethod
    def _frame(text: str) -> str:
        return json.dumps({"type": "message", "text": text, "id": text})


class WebSide:
    """The visitors. The platform itself is in the bot and dies with it."""

    name = "web"
    recognises = True
    sending = ""
    flood: object = None

    def __init__(self) -> None:
        self._pages = [Page() for _ in range(CHATS)]
        self._lives: list[asyncio.Task[None]] = []
        self._admitted = False

    async def __aenter__(self) -> Self:
        self._lives = [asyncio.create_task(page.live()) for page in self._pages]
        return self

    async def __aexit__(self, *_: object) -> None:
        for life in self._lives:
            life.cancel()
        await asyncio.gather(*self._lives, return_exceptions=True)

    def section(self) -> Mapping[str, object]:
        """See `Counterpart.section`."""
        return {"enabled": True, "allowed_users": [page.user_id for page in self._pages if page.user_id]}

    async def started(self, url: str) -> bool:
        """See `Counterpart.started`: the visitors' ids are known only once they were there."""
        for page in self._pages:
            page.url = url
        await asyncio.gather(*(page.known.wait() for page in self._pages))
        before, self._admitted = self._admitted, True
        return before

    async def say(self, chat: int, text: str) -> str:
        """See `Counterpart.say`."""
        self._pages[chat].say(text)
        return text

    def read(self, chat: int) -> Sequence[str]:
        """See `Counterpart.read`."""
        return list(self._pages[chat].shown.values())

    @property
    def faults(self) -> list[Fault]:
        """See `Counterpart.faults`: none."""
        return []
