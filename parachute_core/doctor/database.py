"""The database."""

from collections.abc import Iterator

from parachute_core.doctor.case import Case
from parachute_core.doctor.check import Check, Severity
from parachute_core.store.soundness import unsound


class DatabaseDamaged(Check):
    """It cannot be used."""

    id = "database-damaged"
    severity = Severity.ERROR
    means = "`parachute.db` is damaged, was written by a newer version, or is something else"
    advice = "stop the bot, keep the file, and put a backup in its place; of a newer version: install that"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        path = case.home.database_path
        if path.exists() and (trouble := unsound(path)):
            yield f"{path}: {trouble}"


class StoreRefuses(Check):
    """The running bot cannot write."""

    id = "store-refuses"
    severity = Severity.ERROR
    means = "the running bot cannot keep messages, and so takes none"
    advice = "look at the disk and at who owns the files of the home; the bot goes on by itself once it can write"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        store = case.running.status.get("store") if case.running else None  # a bot of an older version tells nothing of it
        if store and not store["usable"]:
            yield f"messages cannot be kept: {store['trouble']}"
