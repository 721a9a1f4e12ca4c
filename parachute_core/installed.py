"""Which parts of one kind are installed, by the name that `use` says in `bots.yaml`; one is imported only when it is used."""

import difflib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from parachute_core.model.errors import ConfigError

if TYPE_CHECKING:
    from pydantic import BaseModel

Make = TypeVar("Make")


@dataclass(frozen=True, slots=True)
class InstalledPart(Generic[Make]):
    """A part that was imported and can be made."""

    name: str
    make: Make
    """The factory that its entry point names."""
    settings: "type[BaseModel] | None"
    """The model of its keys in `bots.yaml`; None: it takes none."""


class InstalledParts(Generic[Make]):
    """The installed parts of one kind by name."""

    group: ClassVar[str]
    """The entry-point group in which they are announced."""
    section: ClassVar[str]
    """The section of `bots.yaml` whose `use` names one, which is also what one is called."""

    def __init__(self, entries: Iterable[EntryPoint] | None = None) -> None:
        found = entry_points(group=self.group) if entries is None else entries
        self._entries = {entry.name: entry for entry in found}

    def names(self) -> tuple[str, ...]:
        """Every name that `use` may say, sorted."""
        return tuple(sorted(self._entries))

    def load(self, name: str) -> InstalledPart[Make]:
        """Import the part. Raises `ConfigError` when it is not installed or cannot be imported; the text says which and why."""
        entry = self._entries.get(name)
        if entry is None:
            close = difflib.get_close_matches(name, self._entries, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"installed: {', '.join(self.names()) or 'none'}"
            raise ConfigError(f"{self.section}.use: no {self.section} named {name!r} is installed ({hint})")
        try:
            make = entry.load()
        except Exception as error:
            # Somebody else's module was imported: whatever is wrong with it is told as one line.
            origin = f" ({entry.dist.name} {entry.dist.version})" if entry.dist else ""
            raise ConfigError(f"{self.section}.use: {name!r}{origin} cannot be imported: {type(error).__name__}: {error}") from error
        return InstalledPart(name, make, getattr(sys.modules[entry.module], "Settings", None))
