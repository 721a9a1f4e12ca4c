"""What a check is."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from parachute_core.doctor.case import Case


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """The bot does not do its work, or not safely."""
    WARNING = "warning"
    """It works, and less well or less safely than it could."""
    NOTE = "note"
    """Nothing is wrong; worth knowing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found."""

    id: str
    severity: Severity
    what: str
    """One sentence, without secrets."""
    advice: str


class Check(ABC):
    """Knows one kind of finding."""

    id: ClassVar[str]
    """Stable: scripts may rely on it."""
    severity: ClassVar[Severity]
    means: ClassVar[str]
    """What was found, in general."""
    advice: ClassVar[str]
    """What to do about it."""

    @abstractmethod
    def look(self, case: Case) -> Iterator[str]:
        """A sentence for each time that it is the case; none: all is well, or it cannot be told. Raises nothing."""

    def findings(self, case: Case) -> Iterator[Finding]:
        """What is found."""
        for what in self.look(case):
            yield Finding(self.id, self.severity, what, self.advice)
