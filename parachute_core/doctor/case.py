"""The facts that the checks look at, gathered before the first of them does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from parachute_core.clock import Clock
from parachute_core.config.read import LoadedConfig
from parachute_core.config.schema import AdminSection
from parachute_core.connectors.base import Complaint
from parachute_core.home import Home
from parachute_core.hooks.discover import Candidate


@dataclass(frozen=True, slots=True)
class Running:
    """What the bot that runs with the home says of itself."""

    plugins: Sequence[Mapping[str, Any]]
    """As `GET /api/plugins` has them."""
    status: Mapping[str, Any]
    """As `GET /api/bots/status` has it."""

    def chain(self, hook: str) -> tuple[str, ...]:
        """The plugins that are asked, in their order."""
        return tuple(one["name"] for one in self.plugins if one["enabled"] and hook in one["hooks"])


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of asking a platform."""

    complaints: Sequence[Complaint] = ()
    refused: str | None = None
    """Why it does not take the credentials; None: it does, or it could not be asked."""
    unreachable: str | None = None
    """Why it could not be asked; None: it could."""
    clock_ahead: float | None = None
    """Seconds that its clock is ahead of this machine's; None: it does not tell."""


@dataclass(frozen=True, slots=True)
class Case:
    """One bot: its home, and what is known of everything around it."""

    home: Home
    clock: Clock
    loaded: LoadedConfig | None
    """None: there is no configuration that can be used."""
    problems: Sequence[str] = ()
    """What keeps the bot from starting, as `check` tells it."""
    installed: Sequence[Candidate] = ()
    """The plugins."""
    order: Mapping[str, Sequence[str]] | None = None
    """By hook, the plugins as a bot that is started now would ask them; None: it would not start."""
    places: Mapping[str, int] = field(default_factory=dict)
    """Where each plugin stands that `bots.yaml` does not list."""
    running: Running | None = None
    silent: str | None = None
    """Why a bot that has the home does not answer."""
    asked: Mapping[str, Asked] = field(default_factory=dict)
    """By platform; empty: nothing was asked over the network."""
    free: int | None = None
    """Bytes that the disk of the home has left for the bot; None: it does not tell."""
    port: int | None = None
    """The port that is chosen instead of the configuration's; None: none."""

    @property
    def admin(self) -> AdminSection | None:
        """Where the bot listens, as it is configured."""
        return self.loaded.config.admin if self.loaded else None

    @property
    def switched_off(self) -> frozenset[str]:
        """The plugins that the configuration switches off."""
        settings = self.loaded.config.plugins if self.loaded else {}
        return frozenset(name for name, one in settings.items() if one and one.get("enabled") is False)
