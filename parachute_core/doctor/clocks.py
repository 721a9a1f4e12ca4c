"""This machine's clock."""

from collections.abc import Iterator
from datetime import UTC, datetime

from parachute_core.doctor.case import Case
from parachute_core.doctor.check import Check, Severity

TOLERATED = 60.0
"""Seconds that clocks may differ; the time of an answer's journey is in it."""


class ClockOff(Check):
    """Others see another time."""

    id = "clock-off"
    severity = Severity.ERROR
    means = f"a platform's clock and this machine's differ by more than {TOLERATED:g} seconds: certificates and expiry are judged wrongly"
    advice = "let the clock be set by the network: timedatectl set-ntp true"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        for platform, asked in case.asked.items():
            if asked.clock_ahead is not None and abs(asked.clock_ahead) > TOLERATED:
                yield f"this machine's clock is {_shown(-asked.clock_ahead)} the one of {platform}"


class ClockBehind(Check):
    """The bot has seen later times already."""

    id = "clock-behind"
    severity = Severity.ERROR
    means = "a file of the home was changed later than it is now by this machine's clock"
    advice = ClockOff.advice

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        now = case.clock.now()
        for path in (case.home.config_path, case.home.database_path, case.home.key_path):
            if path.exists():
                ahead = (datetime.fromtimestamp(path.stat().st_mtime, UTC) - now).total_seconds()
                if ahead > TOLERATED:
                    yield f"this machine's clock is {_shown(-ahead)} the last change of {path.name}"
                    return


def _shown(seconds: float) -> str:
    return f"{abs(seconds):.0f} seconds {'ahead of' if seconds > 0 else 'behind'}"
