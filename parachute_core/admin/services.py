"""What the admin API is given of the bot."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from parachute_core.clock import Clock
from parachute_core.config.read import LoadedConfig
from parachute_core.connectors.base import Connector
from parachute_core.hooks.call import DisabledPlugin, LoadedPlugin
from parachute_core.model.errors import PluginError
from parachute_core.model.redaction import Redactor
from parachute_core.model.session import Session
from parachute_core.store.failures import FailedSends

if TYPE_CHECKING:
    from quart import Blueprint

Changes = Mapping[str, Mapping[str, object]]
"""Values by platform and key of `bots.yaml`."""


class ConfigStore(Protocol):
    """`config.file.ConfigFile`, as far as the API uses it. Its methods block."""

    @property
    def current(self) -> LoadedConfig: ...  # noqa: D102

    def update(self, changes: Changes, base: Changes | None) -> LoadedConfig: ...  # noqa: D102


class AccessList(Protocol):
    """`engine.access.AccessControl`, as far as the API uses it."""

    async def refresh(self) -> None: ...  # noqa: D102


class Platforms(Protocol):
    """`connectors.fleet.Fleet`, as far as the API uses it."""

    def platforms(self) -> frozenset[str]: ...  # noqa: D102
    def status(self, platform: str) -> dict[str, object]: ...  # noqa: D102
    def live(self, platform: str) -> Connector | None: ...  # noqa: D102
    async def start(self, platform: str) -> None: ...  # noqa: D102
    async def stop(self, platform: str) -> None: ...  # noqa: D102
    async def test(self, platform: str) -> Mapping[str, str]: ...  # noqa: D102
    async def follow(self) -> None: ...  # noqa: D102


class SessionList(Protocol):
    """`store.sessions.SessionStore`, as far as the API uses it."""

    async def list(self, limit: int, offset: int) -> list[Session]: ...  # noqa: D102
    async def archive(self, session_id: str) -> bool | None: ...  # noqa: D102


class Plugins(Protocol):
    """`hooks.call.Hooks`, as far as the API uses it."""

    @property
    def plugins(self) -> Sequence[LoadedPlugin]: ...  # noqa: D102
    @property
    def disabled(self) -> Sequence[DisabledPlugin]: ...  # noqa: D102
    def blueprints(self) -> "Sequence[tuple[str, Blueprint]]": ...  # noqa: D102
    def error(self, plugin: str, cause: str) -> PluginError: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class AdminServices:
    """The parts of the bot that routes work on."""

    config: ConfigStore
    access: AccessList
    fleet: Platforms
    sessions: SessionList
    failures: FailedSends
    hooks: Plugins
    redactor: Redactor
    key: str
    """The one admin key. Never empty."""
    clock: Clock
    ready: Callable[[], bool]
    """Whether the bot takes messages: False while it starts and once it shuts down."""
    host: str | None = None
    """The address that the server is bound to, where it is not the one in `bots.yaml`."""

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError("the admin API always has a key")

    @property
    def bound_host(self) -> str:
        """The address that the server is bound to."""
        return self.host or self.config.current.config.admin.host
