"""The web chat: visitors with WebSockets of their own, in front of the bot's own server.

Needs the library `websockets`, which the bot itself does not.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Any, ClassVar, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from parachute_core.connectors.base import Connector, ConnectorContext
from parachute_core.connectors.webchat import make_connector
from parachute_core.testing.conformance.abilities import Ability, Oddity
from parachute_core.testing.conformance.counterpart import Counterpart

ITSELF = "the bot is the platform"
TEXT_ALONE = "the page sends text alone"


class WebCounterpart(Counterpart):
    """Everybody has one chat, with the bot."""

    platform: ClassVar[str] = "web"
    pause: ClassVar[float] = 0.008
    serves: ClassVar[bool] = True
    lacks: ClassVar[Mapping[Ability, str]] = MappingProxyType(
        {
            Ability.CREDENTIALS: "there are none",
            Ability.SERVER: ITSELF,
            Ability.FLOOD_CONTROL: ITSELF,
            Ability.GIVES_UP_SOON: ITSELF,
            Ability.MISSED: ITSELF,
            Ability.BLOCKING: "who does not want to read the bot closes the page",
            Ability.EDITS: TEXT_ALONE,
            Ability.BOTS: "only visitors of the page write",
            Ability.GROUPS: "a chat is one of a visitor and the bot",
            Ability.INTERACTIONS: TEXT_ALONE,
            Ability.VOICE: TEXT_ALONE,
            Ability.ATTACHMENTS: TEXT_ALONE,
            Ability.REPLIES: "answers stand below each other",
            Ability.REACTIONS: "a message that was taken is acknowledged for good",
            Ability.TYPING: "the page is told when it begins and when it ends, not again and again",
        }
    )

    def __init__(self) -> None:
        self._secret = b""
        self._url = ""
        self._numbers = itertools.count(1)
        self._sockets: dict[str, ClientConnection] = {}
        self._reading: set[asyncio.Task[None]] = set()
        self._shown: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._newest: tuple[str, dict[str, str]] | None = None

    def connector(self, context: ConnectorContext) -> Connector:
        """See `Counterpart.connector`. Learns the bot's secret, by which visitors are known."""
        self._secret = context.secret
        return make_connector(context)

    async def section(self, allowed: Sequence[str]) -> Mapping[str, object]:
        """See `Counterpart.section`."""
        return {"allowed_users": list(allowed)}

    async def people(self, count: int) -> Sequence[str]:
        """See `Counterpart.people`."""
        return [f"web-person{number:016d}" for number in range(count)]

    async def direct(self, user: str) -> str:
        """See `Counterpart.direct`. Opens the page, so that what is said there is seen."""
        await self._socket(user)
        return user

    async def say(self, user: str, text: str, chat: str | None = None) -> str:  # noqa: ARG002 - there is only one
        """See `Counterpart.say`."""
        message = {"type": "message", "text": text, "id": str(next(self._numbers))}
        self._newest = user, message
        await self._send(user, json.dumps(message))
        return message["id"]

    async def repeat(self) -> None:
        """See `Counterpart.repeat`: as a page does that did not see the acknowledgement."""
        if self._newest is not None:
            user, message = self._newest
            await self._send(user, json.dumps(message))

    async def disturb(self, oddity: Oddity, user: str) -> None:
        """See `Counterpart.disturb`."""
        odd: Mapping[Oddity, Sequence[str | bytes]] = {
            Oddity.MALFORMED: ["no JSON", "[]", "7", '{"type": 7}', '{"type": "message", "text": 7}', b"\x00\xff"],
            Oddity.EMPTY: ["", "{}", '{"type": "message", "text": ""}', b""],
            Oddity.HUGE: [json.dumps({"type": "message", "text": "word " * 20_000})],
        }
        for frame in odd[oddity]:
            await self._send(user, frame)

    def texts(self, chat: str) -> list[str]:
        """See `Counterpart.texts`."""
        return list(self._shown[chat].values())

    async def attached(self, url: str) -> None:
        """See `Counterpart.attached`: pages are opened anew."""
        self._url = url.replace("http", "ws") + "/chat/socket"
        await self._close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._close()

    async def _close(self) -> None:
        await asyncio.gather(*(one.close() for one in self._sockets.values()))
        await asyncio.gather(*self._reading)
        self._sockets.clear()

    async def _send(self, user: str, frame: str | bytes) -> None:
        await (await self._socket(user)).send(frame)

    async def _socket(self, user: str) -> ClientConnection:
        if user not in self._sockets:
            token = f"{user}.{hmac.new(self._secret, user.encode(), hashlib.sha256).hexdigest()}"
            socket = self._sockets[user] = await connect(self._url)
            await socket.send(json.dumps({"type": "hello", "token": token}))
            task = asyncio.create_task(self._read(user, socket))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)
        return self._sockets[user]

    async def _read(self, user: str, socket: ClientConnection) -> None:
        try:
            while True:
                frame: dict[str, Any] = json.loads(await socket.recv())
                if frame["type"] in ("message", "edit"):
                    self._shown[user][frame["id"]] = frame["text"]
        except ConnectionClosed:
            return
