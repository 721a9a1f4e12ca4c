"""A desk without a bot: the plugin's own parts over a database in memory, and an allowlist that fails when a test says so."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from parachute_pairing.chores import Chores
from parachute_pairing.parts import make_parts
from parachute_pairing.settings import Settings

from parachute_core import (
    Buttons,
    ChatRef,
    ChatType,
    Decision,
    Inbound,
    PairingEvent,
    PluginContext,
    Purpose,
    Sessions,
    Stopped,
    StoreError,
    TrustLevel,
    UnknownPlatform,
    hookimpl,
)
from parachute_core.testing import FakeClock

NOTHING: Mapping[str, Any] = {}


class MemoryStore:
    """A `PluginStore` and its `Transaction` at once; answers without a thread, so that hundreds of histories are quick.

    Other tasks get their turn before and after each transaction, as with the real one.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect(":memory:", isolation_level=None)
        self._database.row_factory = sqlite3.Row
        self._one_at_a_time = asyncio.Lock()
        self.broken = False
        """While True every statement fails, as on a blocked database."""

    async def migrate(self, steps: Sequence[str]) -> None:
        for step in steps:
            self._database.execute(step)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["MemoryStore"]:
        async with self._one_at_a_time:
            await asyncio.sleep(0)
            await self.execute("BEGIN IMMEDIATE")
            try:
                yield self
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")
        await asyncio.sleep(0)

    async def execute(self, sql: str, params: Mapping[str, Any] = NOTHING) -> int:
        return self._run(sql, params).rowcount

    async def fetch_all(self, sql: str, params: Mapping[str, Any] = NOTHING) -> list[Mapping[str, Any]]:
        return [dict(row) for row in self._run(sql, params)]

    async def fetch_one(self, sql: str, params: Mapping[str, Any] = NOTHING) -> Mapping[str, Any] | None:
        rows = await self.fetch_all(sql, params)
        return rows[0] if rows else None

    def close(self) -> None:
        self._database.close()

    def _run(self, sql: str, params: Mapping[str, Any]) -> sqlite3.Cursor:
        if self.broken:
            raise StoreError("database is locked")
        return self._database.execute(sql, params)


class MemoryAccess:
    """An `Access` of two platforms. `failures` are raised by the coming changes, None lets one pass."""

    def __init__(self) -> None:
        self.allowed: dict[tuple[str, str], TrustLevel] = {}
        self.out: set[tuple[str, str]] = set()
        self.failures: list[Exception | None] = []
        self.before_allowing: Callable[[], object] = lambda: None

    def known_platforms(self) -> frozenset[str]:
        return frozenset({"telegram", "matrix"})

    def is_allowed(self, platform: str, user_id: str) -> bool:
        return (platform, user_id) in self.allowed

    async def allow(self, platform: str, user_id: str, trust_level: TrustLevel) -> None:
        self.before_allowing()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        self._fail()
        if platform not in self.known_platforms():
            raise UnknownPlatform(f"unknown platform: {platform}")
        self.allowed[platform, user_id] = trust_level

    async def revoke(self, platform: str, user_id: str, *, finish: bool = False) -> Stopped | None:
        was_allowed = self.allowed.pop((platform, user_id), None) is not None
        await asyncio.sleep(0)
        self._fail()
        return Stopped(0, 0) if was_allowed else None

    def shut_out(self, platform: str, user_id: str) -> None:
        self.out.add((platform, user_id))

    def readmit(self, platform: str, user_id: str) -> None:
        self.out.discard((platform, user_id))

    def is_shut_out(self, platform: str, user_id: str) -> bool:
        return (platform, user_id) in self.out

    def _fail(self) -> None:
        if self.failures and (failure := self.failures.pop(0)) is not None:
            raise failure


@dataclass
class MemoryNotifier:
    """A `Notifier` that keeps what was said, or fails."""

    said: list[tuple[ChatRef, str, Purpose]] = field(default_factory=list)
    failure: Exception | None = None
    before_sending: Callable[[], object] = lambda: None

    async def send(self, chat: ChatRef, text: str, purpose: Purpose, buttons: Buttons = ()) -> None:
        self.before_sending()
        if self.failure:
            raise self.failure
        self.said.append((chat, text, purpose))


class Kit:
    """All parts of the plugin but its hooks and routes, in one hand."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.clock = FakeClock()
        self.tables = MemoryStore()
        self.access = MemoryAccess()
        self.notifier = MemoryNotifier()
        self.events: list[PairingEvent] = []
        self.records: list[Decision] = []
        context: PluginContext[Settings] = PluginContext(
            name="pairing",
            settings=self.settings,
            clock=self.clock,
            logger=logging.getLogger("parachute_core.plugins.pairing"),
            store=self.tables,
            sessions=cast("Sessions", None),
            access=self.access,
            notifier=self.notifier,
            announce=self._announce,
            record=self.records.append,
            as_owner=nullcontext,
        )
        self.context = context
        self.chores = Chores()
        self.parts = make_parts(context, self.chores)
        self.store, self.desk, self.gate = self.parts.store, self.parts.desk, self.parts.gate

    async def _announce(self, event: PairingEvent) -> None:
        self.events.append(event)

    def message(self, user_id: str = "7", text: str = "hello", **more: Any) -> Inbound:
        """A message of a direct chat on telegram."""
        fields: dict[str, Any] = {"platform": "telegram", "chat_id": user_id, "chat_type": ChatType.DIRECT} | more
        return Inbound(user_id=user_id, text=text, message_id="m1", received_at=self.clock.now(), **fields)

    async def says(self, user_id: str = "7", text: str = "hello", **more: Any) -> str | None:
        """What the gate replies to a message; None is silence. Fails when it lets the message pass."""
        verdict = await self.gate.judge(self.message(user_id, text, **more))
        assert verdict is not None, "the gate let a stranger pass"
        return verdict.reply

    async def asks(self, user_id: str = "7", **more: Any) -> str:
        """Send the first message of a stranger; returns the request's id."""
        assert await self.says(user_id, **more) is not None
        request = await self.store.pending_of(more.get("platform", "telegram"), user_id)
        assert request is not None
        return request.id

    @property
    def told(self) -> list[tuple[str, str | None]]:
        """Kind and request of each event, in order."""
        return [(event.kind.value, event.request_id) for event in self.events]


class Listener:
    """A plugin that hears of every pairing event."""

    def __init__(self) -> None:
        self.events: list[PairingEvent] = []
        self._news = asyncio.Event()

    def make(self, _: PluginContext[Any]) -> "Listener":
        return self

    @hookimpl
    async def on_pairing_event(self, event: PairingEvent) -> None:
        self.events.append(event)
        self._news.set()

    @property
    def kinds(self) -> list[str]:
        return [event.kind.value for event in self.events]

    async def heard(self, kind: str) -> None:
        """Return once there was an event of this kind. Raises `TimeoutError` after five real seconds."""
        async with asyncio.timeout(5):
            while kind not in self.kinds:
                self._news.clear()
                await self._news.wait()


@pytest.fixture
def listener() -> Listener:
    """One that a bot may be given as `extra_plugins={"listener": listener.make}`."""
    return Listener()


@asynccontextmanager
async def open_kit(settings: Settings | None = None) -> AsyncIterator[Kit]:
    """A kit whose table is made and whose work is finished at the end."""
    kit = Kit(settings)
    try:
        await kit.parts.load()
        async with kit.chores:
            yield kit
    finally:
        kit.tables.close()


@pytest.fixture
async def kit() -> AsyncIterator[Kit]:
    """A kit with the default settings."""
    async with open_kit() as one:
        yield one


@pytest.fixture
def make_kit() -> Callable[[Settings | None], Any]:
    """`open_kit`, for tests that need settings or a kit for each example."""
    return open_kit
