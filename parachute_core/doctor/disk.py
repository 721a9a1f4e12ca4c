"""Room on the disk."""

from collections.abc import Iterator

from parachute_core.doctor.case import Case
from parachute_core.doctor.check import Check, Severity

MIB = 1 << 20
FULL, LOW = 64 * MIB, 512 * MIB


class DiskFull(Check):
    """Messages can hardly be kept any more."""

    id = "disk-full"
    severity = Severity.ERROR
    means = f"less than {FULL // MIB} MiB are left on the disk of the home; a message that cannot be kept is not taken"
    advice = "make room, or move the home to another disk while the bot is stopped"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        if case.free is not None and case.free < FULL:
            yield f"{case.home.path}: {case.free // MIB} MiB are left"


class DiskLow(Check):
    """There is little room."""

    id = "disk-low"
    severity = Severity.WARNING
    means = f"less than {LOW // MIB} MiB are left on the disk of the home"
    advice = DiskFull.advice

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        if case.free is not None and FULL <= case.free < LOW:
            yield f"{case.home.path}: {case.free // MIB} MiB are left"
