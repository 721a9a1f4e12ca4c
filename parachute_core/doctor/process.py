"""The bot's process."""

from collections.abc import Iterator

from parachute_core.doctor.case import Case
from parachute_core.doctor.check import Check, Severity


class BotNotRunning(Check):
    """It is not there."""

    id = "bot-not-running"
    severity = Severity.NOTE
    means = "no bot runs with this home, so what only a running bot knows was not looked at"
    advice = "parachute-core run"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        if case.running is None and case.silent is None:
            yield f"no bot is running with the home {case.home.path}"


class BotSilent(Check):
    """It is there and does not answer."""

    id = "bot-silent"
    severity = Severity.ERROR
    means = "a bot has the home, and its admin API does not answer, or does not take the key"
    advice = "look at the bot's log; when it starts or stops, try again in a moment; else end it and start it again"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        if case.silent is not None:
            yield case.silent
