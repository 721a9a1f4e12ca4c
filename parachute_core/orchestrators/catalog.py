"""Which orchestrators are installed; one is imported only when it is used."""

import difflib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from parachute_core.model.errors import ConfigError
from parachute_core.orchestrators.context import MakeOrchestrator

if TYPE_CHECKING:
    from pydantic import BaseModel

ORCHESTRATOR_GROUP = "parachute_core.orchestrators"


@dataclass(frozen=True, slots=True)
class InstalledOrchestrator:
    """An orchestrator that was imported and can be made."""

    name: str
    make: MakeOrchestrator
    settings: "type[BaseModel] | None"
    """The model of its keys in `bots.yaml`; None: it takes none."""


class Catalog:
    """The installed orchestrators by name."""

    def __init__(self, entries: Iterable[EntryPoint] | None = None) -> None:
        found = entry_points(group=ORCHESTRATOR_GROUP) if entries is None else entries
        self._entries = {entry.name: entry for entry in found}

    def names(self) -> tuple[str, ...]:
        """Every name that `orchestrator.use` may say, sorted."""
        return tuple(sorted(self._entries))

    def load(self, name: str) -> InstalledOrchestrator:
        """Import the orchestrator. Raises `ConfigError` when it is not installed or cannot be imported; the text says which and why."""
        entry = self._entries.get(name)
        if entry is None:
            close = difflib.get_close_matches(name, self._entries, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"installed: {', '.join(self.names()) or 'none'}"
            raise ConfigError(f"orchestrator.use: no orchestrator named {name!r} is installed ({hint})")
        try:
            make = entry.load()
        except Exception as error:
            # Somebody else's module was imported: whatever is wrong with it is told as one line.
            origin = f" ({entry.dist.name} {entry.dist.version})" if entry.dist else ""
            raise ConfigError(f"orchestrator.use: {name!r}{origin} cannot be imported: {type(error).__name__}: {error}") from error
        return InstalledOrchestrator(name, make, getattr(sys.modules[entry.module], "Settings", None))
