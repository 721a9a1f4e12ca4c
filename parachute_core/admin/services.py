"""What the admin API is given of the bot."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from parachute_core.admin.desk.logins import Logins
from parachute_core.clock import Clock
from parachute_core.config.differences import Reloaded
from parachute_core.config.file import ConfigFile
from parachute_core.connectors.fleet import Fleet
from parachute_core.engine.access import AccessControl
from parachute_core.engine.agent import AgentWatch
from parachute_core.engine.owner import OwnersWord
from parachute_core.engine.people import People
from parachute_core.engine.register import Register
from parachute_core.engine.tally import Tally
from parachute_core.hooks.call import Hooks
from parachute_core.model.parcel import Stopped
from parachute_core.model.redaction import Redactor
from parachute_core.store.audit import AuditLog
from parachute_core.store.deliveries import DeliveryList
from parachute_core.store.sessions import SessionStore
from parachute_core.store.usage import UsageBook


@dataclass(frozen=True, slots=True)
class AdminServices:
    """The parts of the bot that routes work on."""

    config: ConfigFile
    access: AccessControl
    fleet: Fleet
    sessions: SessionStore
    agent: AgentWatch
    usage: UsageBook
    archive: Callable[[str], Coroutine[Any, Any, tuple[bool, Stopped] | None]]
    """End a session, and what is done in it; see `Fences.archive`."""
    failures: DeliveryList
    word: OwnersWord
    audit: AuditLog
    register: Register
    logins: Logins
    people: People
    trouble: Callable[[], str | None]
    """Why messages cannot be kept at the moment; None: they can."""
    hooks: Hooks
    redactor: Redactor
    key: str
    """The one admin key. Never empty."""
    clock: Clock
    ready: Callable[[], bool]
    """Whether the bot takes messages: False while it starts and once it shuts down."""
    tally: Tally
    load: Callable[[], tuple[int, int]]
    """How many turns run, and how many wait."""
    reload: Callable[[], Coroutine[Any, Any, Reloaded]]
    """Read `bots.yaml` anew and follow it. Raises `ConfigError` when it cannot be used."""
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the server is to stop: streams end then."""
    host: str | None = None
    """The address that the server is bound to, where it is not the one in `bots.yaml`."""

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("the admin API always has a key")

    @property
    def bound_host(self) -> str:
        """The address that the server is bound to."""
        return self.host or self.config.current.config.admin.host
