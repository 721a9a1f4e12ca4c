"""Database files as a whole: copied while others write to them, and looked at before a bot is given one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from parachute_core.model.errors import StoreError
from parachute_core.store.faults import translated
from parachute_core.store.soundness import unsound

WAIT = 30.0
"""Seconds that a writer of a database that is no write-ahead one may take."""
SINCE_THEN = {
    "outbox": "UPDATE outbox SET state = 'sending' WHERE state = 'queued'",
    "logins": "DELETE FROM logins",
}
"""By the table that it is about."""
STEPS = "SELECT owner, MAX(step) FROM schema_steps GROUP BY owner"


def snapshot(source: Path, target: Path) -> None:
    """Write a database as it is at one moment into a new file; what was deleted from it is not in there. Raises `StoreError`.

    Those who use it go on meanwhile. A database of the bot's is one, whatever library it belongs to.
    """
    with _opened(source, "rw") as connection:
        connection.execute("VACUUM INTO :target", {"target": str(target)})


def schema_steps(path: Path) -> dict[str, int]:
    """How far the schema is, for the core and for each plugin. Raises `StoreError` when it is no database of a bot."""
    with _opened(path, "ro") as connection:
        return dict(connection.execute(STEPS).fetchall())


def refuse_unusable(path: Path) -> None:
    """Raise `StoreError` when it is damaged, no database of a bot, or of a newer version of the core."""
    if (trouble := unsound(path)) is not None:
        raise StoreError(f"{path}: {trouble}")
    schema_steps(path)  # raises where there are no tables at all


def age(path: Path) -> None:
    """Make an older copy of a database fit to go on with. Raises `StoreError`.

    Whatever waits in it may have been delivered since, and is treated so; a browser that was logged in may have been logged out since.
    """
    with _opened(path, "rw") as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table, statement in SINCE_THEN.items():
            if table in tables:  # an older version may have had none
                connection.execute(statement)


@contextmanager
def _opened(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    with (
        translated(f"{path}: cannot be used"),
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=WAIT, isolation_level=None)) as connection,
    ):
        yield connection
