"""What a plugin is given when it is tried alone: the bot's services, in memory."""

import logging
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from parachute_core.clock import Clock
from parachute_core.hooks.shapes import PluginContext
from parachute_core.model.decision import Decision
from parachute_core.model.errors import UnknownPlatform
from parachute_core.model.message import ChatRef
from parachute_core.model.outgoing import Buttons, Purpose
from parachute_core.model.pairing import PairingEvent
from parachute_core.model.parcel import Stopped
from parachute_core.model.trust import TrustLevel
from parachute_core.store.database import Database
from parachute_core.store.sessions import SessionStore

PLATFORM = "telegram"
ALLOWED_USER = "1"


@dataclass
class AccessInMemory:
    """An `Access` whose allowlist is a set: one platform, on which one user is allowed."""

    allowed: set[tuple[str, str]] = field(default_factory=lambda: {(PLATFORM, ALLOWED_USER)})
    out: set[tuple[str, str]] = field(default_factory=set)
    """Who is shut out."""

    def known_platforms(self) -> frozenset[str]:
        """See `Access.known_platforms`."""
        return frozenset({PLATFORM})

    def is_allowed(self, platform: str, user_id: str) -> bool:
        """See `Access.is_allowed`."""
        return (platform, user_id) in self.allowed

    async def allow(self, platform: str, user_id: str, trust_level: TrustLevel) -> None:  # noqa: ARG002 - nobody asks for the level here
        """See `Access.allow`."""
        self._require(platform)
        self.allowed.add((platform, user_id))

    async def revoke(self, platform: str, user_id: str, *, finish: bool = False) -> Stopped | None:  # noqa: ARG002 - nothing runs here
        """See `Access.revoke`."""
        self._require(platform)
        known = (platform, user_id) in self.allowed
        self.allowed.discard((platform, user_id))
        return Stopped(0, 0) if known else None

    def shut_out(self, platform: str, user_id: str) -> None:
        """See `Access.shut_out`."""
        self.out.add((platform, user_id))

    def readmit(self, platform: str, user_id: str) -> None:
        """See `Access.readmit`."""
        self.out.discard((platform, user_id))

    def is_shut_out(self, platform: str, user_id: str) -> bool:
        """See `Access.is_shut_out`."""
        return (platform, user_id) in self.out

    def _require(self, platform: str) -> None:
        if platform != PLATFORM:
            raise UnknownPlatform(platform)


@dataclass
class NotifierInMemory:
    """A `Notifier` that keeps what it was asked to send."""

    sent: list[tuple[ChatRef, str, Purpose]] = field(default_factory=list)

    async def send(self, chat: ChatRef, text: str, purpose: Purpose, buttons: Buttons = ()) -> None:  # noqa: ARG002 - nobody presses
        """See `Notifier.send`."""
        self.sent.append((chat, text, purpose))


def lone_context(name: str, settings: Any, database: Database, clock: Clock) -> PluginContext[Any]:
    """A context with a real store and sessions in `database`, and the rest in memory."""

    async def announce(event: PairingEvent) -> None:
        """There is nobody else to tell."""

    def record(decision: Decision) -> None:
        """There is no audit log."""

    return PluginContext(
        name=name,
        settings=settings,
        clock=clock,
        logger=logging.getLogger(f"parachute_core.plugins.{name}"),
        store=database.plugin_store(name),
        sessions=SessionStore(database, clock),
        access=AccessInMemory(),
        notifier=NotifierInMemory(),
        announce=announce,
        record=record,
        as_owner=nullcontext,
    )
