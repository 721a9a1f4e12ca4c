"""Whether a database file can be trusted, without changing it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from parachute_core.store.files import is_database
from parachute_core.store.migrations import CORE, CORE_STEPS

BUSY_SECONDS = 5.0


def unsound(path: Path) -> str | None:
    """What is wrong with the database; None: nothing. Reads all of it, also while a bot runs; blocks for as long as that takes."""
    try:
        if path.stat().st_size and not is_database(path):
            return "is no database"
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?{_how(path)}", uri=True, timeout=BUSY_SECONDS)) as reader:
            tables = {name for (name,) in reader.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if tables and "schema_steps" not in tables:
                return "is the database of something else"
            for (step,) in reader.execute("SELECT COALESCE(MAX(step), 0) FROM schema_steps WHERE owner = ?", (CORE,)) if tables else ():
                if step > len(CORE_STEPS):
                    return f"was written by a newer version (schema step {step}, this one knows {len(CORE_STEPS)})"
            ((verdict,),) = reader.execute("PRAGMA quick_check(1)").fetchall()
            return None if verdict == "ok" else f"is damaged: {verdict}"
    except (OSError, sqlite3.Error) as error:
        return f"cannot be read: {error}"


def _how(path: Path) -> str:
    """A database that was closed well has no log beside it, and must not get one: whoever looks may not be whom the bot runs as."""
    return "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
