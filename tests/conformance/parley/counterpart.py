"""A Parley of one's own, on a loopback socket."""

import asyncio
import contextlib
import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, ClassVar, Self

from parachute_core.connectors.base import Connector, ConnectorContext
from parachute_core.testing.conformance import Ability, Counterpart, Flow, Oddity, Trouble
from parachute_core.testing.http import Answer, Fault, JsonServer, Request
from tests.conformance.parley.connector import Parley

PATHS = {Flow.SENDING: "^/messages$", Flow.RECEIVING: "^/events$"}
LONGEST = 500


class ParleyCounterpart(Counterpart):
    """Everybody has one chat, with the bot."""

    platform: ClassVar[str] = "parley"
    pause: ClassVar[float] = 0.008
    lacks: ClassVar[Mapping[Ability, str]] = {
        Ability.GROUPS: "a chat is one of a person and the bot",
        Ability.BOTS: "bots cannot write to bots",
        Ability.INTERACTIONS: "commands are text",
        Ability.VOICE: "there is only text",
        Ability.ATTACHMENTS: "there is only text",
        Ability.REPLIES: "the service has none",
        Ability.REACTIONS: "the service has none",
        Ability.TYPING: "the service does not show it",
        Ability.STREAMING: "the bot's messages cannot be edited",
    }

    def __init__(self) -> None:
        self.token = "let-the-parley-begin"
        self.events: list[dict[str, Any]] = []
        self.shown: defaultdict[str, list[str]] = defaultdict(list)
        self.keys: dict[str, int] = {}
        self.blocked: set[str] = set()
        self.server = JsonServer()
        self.server.route("GET", "/me", self._me)
        self.server.route("GET", "/events", self._events)
        self.server.route("POST", "/messages", self._messages)
        self._numbers = itertools.count(1)
        self._news = asyncio.Event()

    # The service

    async def _me(self, request: Request) -> Answer:
        return (200, {}, "parley bot") if self._knows(request) else (401, {}, {})

    async def _events(self, request: Request) -> Answer:
        if not self._knows(request):
            return 401, {}, {}
        after = int(request.query["after"])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                while not self._after(after):
                    self._news.clear()
                    await self._news.wait()
        return 200, {}, self._after(after)

    def _after(self, number: int) -> list[dict[str, Any]]:
        return [one for one in self.events if one["number"] > number]

    async def _messages(self, request: Request) -> Answer:
        asked = request.json()
        if not self._knows(request):
            return 401, {}, {}
        if asked["chat"] in self.blocked:
            return 403, {}, {}
        if len(asked["text"]) > LONGEST:
            return 400, {}, {}
        if asked["key"] not in self.keys:
            self.keys[asked["key"]] = next(self._numbers)
            self.shown[asked["chat"]].append(asked["text"])
        return 200, {}, {"id": self.keys[asked["key"]]}

    def _knows(self, request: Request) -> bool:
        return request.headers.get("authorization") == f"Bearer {self.token}"

    def push(self, **event: Any) -> None:
        """Tell the bot of something."""
        self.events.append({"number": next(self._numbers), **event})
        self._news.set()

    # The bot

    def connector(self, context: ConnectorContext) -> Connector:
        return Parley(context, timeout=1.0 if self.hurried else 30.0)

    async def section(self, allowed: Sequence[str]) -> Mapping[str, object]:
        return {"url": self.server.url, "allowed_users": list(allowed), **self.credentials()}

    def credentials(self) -> Mapping[str, str]:
        return {"token": self.token}

    def wrong_credentials(self) -> Mapping[str, str]:
        return {"token": "let-it-never-begin"}

    async def revoke(self) -> None:
        self.token = "let-another-parley-begin"
        self.server.drop()

    # People

    async def people(self, count: int) -> Sequence[str]:
        return [f"person-{number}" for number in range(count)]

    async def direct(self, user: str) -> str:
        return user

    async def say(self, user: str, text: str, chat: str | None = None) -> str:
        message = str(next(self._numbers))
        self.push(said={"id": message, "user": user, "text": text})
        return message

    async def edit(self, user: str, message_id: str, text: str, chat: str) -> None:
        self.push(edited={"id": message_id, "user": user, "text": text})

    async def repeat(self) -> None:
        self.push(said=self.events[-1]["said"])

    async def disturb(self, oddity: Oddity, user: str) -> None:
        match oddity:
            case Oddity.MALFORMED:
                for said in ("a text", 7, {"id": 1, "user": user, "text": "x"}, {"user": user}):
                    self.push(said=said)
            case Oddity.EMPTY:
                self.push()
                self.push(said={"id": "", "user": user, "text": ""})
            case Oddity.HUGE:
                await self.say(user, "word " * 20_000)

    def texts(self, chat: str) -> list[str]:
        return list(self.shown[chat])

    async def block(self, user: str) -> None:
        self.blocked.add(user)

    async def unblock(self, user: str) -> None:
        self.blocked.discard(user)

    # Trouble

    def fault(self, flow: Flow, trouble: Trouble, *, count: int | None = 1, skip: int = 0, retry_after: float | None = None) -> Fault:
        kinds: Mapping[Trouble, Mapping[str, Any]] = {
            Trouble.FLOOD: {"status": 429, "body": {"retry_after": retry_after}},
            Trouble.BROKEN: {"status": 502},
            Trouble.RESET: {"reset": True},
            Trouble.LOST: {"lost": True},
            Trouble.CUT: {"cut": 1},
            Trouble.HANG: {"hang": True},
            Trouble.REFUSED: {"status": 400},
        }
        fault = Fault(PATHS[flow], count=count, skip=skip, **kinds[trouble])
        self.server.faults.append(fault)
        if flow is Flow.RECEIVING:
            self.server.drop()
        return fault

    def heal(self) -> None:
        self.server.faults.clear()

    def requests(self, flow: Flow | None = None) -> int:
        return len(self.server.paths(PATHS[flow] if flow else ""))

    async def drop(self) -> None:
        self.server.drop()

    async def start(self) -> None:
        await self.server.start()

    async def stop(self) -> None:
        await self.server.stop()

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.server.stop()
