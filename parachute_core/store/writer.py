"""The writing connection, with one thing more than the library's: several statements in one trip to its thread."""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

import aiosqlite

from parachute_core.hooks.shapes import Params

Batch = Iterable[tuple[str, Sequence[Params]]]
"""Statements in order, each with the parameters of its rows."""
CHUNK = 64
"""Rows that the library fetches at once while it iterates."""


class Writer(aiosqlite.Connection):
    """To be awaited once, which opens it. Every trip to the thread and back costs more than a small transaction itself."""

    def __init__(self, path: Path, busy_seconds: float) -> None:
        # Autocommit: the transactions of the store are the only ones, the library adds none of its own.
        super().__init__(
            lambda: sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, cached_statements=256), iter_chunk_size=CHUNK
        )

    async def write_all(self, batch: Batch) -> None:
        """Commit all of it, or nothing. Raises what `sqlite3` raises."""
        await self._execute(_write_all, self._conn, batch)  # type: ignore[no-untyped-call]


def _write_all(connection: sqlite3.Connection, batch: Batch) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for sql, rows in batch:
            connection.executemany(sql, rows)
        connection.commit()
    except BaseException:
        connection.rollback()
        raise
