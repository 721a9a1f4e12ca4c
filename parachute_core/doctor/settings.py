"""The configuration."""

from collections.abc import Iterator

from parachute_core.doctor.case import Case
from parachute_core.doctor.check import Check, Severity


class ConfigMissing(Check):
    """There is none."""

    id = "config-missing"
    severity = Severity.ERROR
    means = "there is no `bots.yaml` in the home"
    advice = "run `parachute-core init`, or name the right folder with --home"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        if not case.home.config_path.exists():
            yield f"{case.home.config_path}: there is no such file"


class ConfigUnusable(Check):
    """It keeps the bot from starting."""

    id = "config-unusable"
    severity = Severity.ERROR
    means = "the bot would not start with this `bots.yaml` and these plugins; one finding for each problem"
    advice = "mend what the line names; `parachute-core check` tells the same"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        if case.home.config_path.exists():
            yield from case.problems


class ConfigRemark(Check):
    """Something in it is odd."""

    id = "config-remark"
    severity = Severity.WARNING
    means = "something in `bots.yaml` has no effect, or not the one that it seems to have"
    advice = "change or remove what the line names"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        if case.loaded:
            # That others can read the file is a finding of its own.
            yield from (one for one in case.loaded.warnings if "chmod 600" not in one)


class NoPlatform(Check):
    """Nobody can reach the bot."""

    id = "no-platform"
    severity = Severity.WARNING
    means = "no platform is switched on, so nobody can write to the bot"
    advice = "set `enabled: true` in the section of a platform, or run `parachute-core init --overwrite`"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        if case.loaded and not any(one.enabled for one in case.loaded.config.sections().values()):
            yield f"{case.home.config_path}: no platform is enabled"
