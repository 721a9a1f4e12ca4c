"""Errors of the database library, translated where they leave the store."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from parachute_core.model.errors import StoreError


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Raise `StoreError` for whatever SQLite raises inside. Its texts name tables and columns, never values."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{what}: {error}") from error
    except (ValueError, OverflowError) as error:
        # A connection that was closed, text that is no Unicode, a number that is too large: aiosqlite's and sqlite3's own choice.
        raise StoreError(f"{what}: {error}") from error
