"""The database file: one connection that writes, one that reads, opened and closed together."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

from parachute_core.clock import Clock
from parachute_core.hooks.shapes import Params, Row
from parachute_core.model.errors import StoreError
from parachute_core.store import files
from parachute_core.store.faults import translated
from parachute_core.store.migrations import CORE, CORE_STEPS, migrate, refuse_strangers
from parachute_core.store.plugin_store import TablesOfPlugin
from parachute_core.store.transaction import WriteTransaction
from parachute_core.store.unbroken import unbroken
from parachute_core.store.writer import Batch, Writer

BUSY_SECONDS = 5.0
"""How long a write waits for another process (a backup, a shell) before it fails."""
READ_BUSY_SECONDS = 1.0

logger = logging.getLogger(__name__)
# At DEBUG it prints the parameters of each statement, which is what people wrote.
logging.getLogger("aiosqlite").setLevel(logging.WARNING)


def _as_mapping(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> dict[str, Any]:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


class Database:
    """Made by `open`. Safe to use from every task of the event loop that opened it."""

    def __init__(self, path: Path, clock: Clock, writer: Writer, reader: sqlite3.Connection) -> None:
        self.path = path
        self.clock = clock
        self._writer = writer
        self._reader = reader
        self._lock = asyncio.Lock()
        self._owner: asyncio.Task[Any] | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path, clock: Clock) -> AsyncIterator["Database"]:
        """The database at `path`, made when missing and brought to this version; closed when the block is left, always.

        Raises `StoreError` when the file is no database of this bot or was written by a newer version; it is unchanged then.
        """
        # Opening is a few file operations of microseconds at the start of the process; a thread would gain nothing.
        files.prepare(path)
        with translated(f"{path}: cannot be opened"):
            writer = Writer(path, BUSY_SECONDS)
            await writer
        try:
            with translated(f"{path}: cannot be used"):
                writer.row_factory = _as_mapping  # type: ignore[assignment]
                await refuse_strangers(writer, path)
                files.make_private(path)
                await _configure(writer, path)
                reader = _open_reader(path)
            with closing(reader):
                database = cls(path, clock, writer, reader)
                await migrate(database, CORE, CORE_STEPS)
                yield database
        finally:
            # An unclosed writer keeps its thread, and with it the process, alive.
            await unbroken(writer.close())

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[WriteTransaction]:
        """A write transaction: committed at the end of the block, rolled back when it raises or is cancelled.

        One runs at a time. A cancellation that arrives while committing is raised once the commit is done.
        Raises `StoreError`; nothing was written then.
        """
        task = asyncio.current_task()
        if self._owner is not None and self._owner is task:
            raise StoreError("transactions do not nest")
        async with self._lock:
            self._owner = task
            open_transaction = WriteTransaction(self._writer)
            try:
                await open_transaction.execute("BEGIN IMMEDIATE")
                yield open_transaction
                open_transaction.end()
                with translated("commit failed"):
                    await unbroken(self._writer.commit())
            except BaseException:
                open_transaction.end()
                await unbroken(self._roll_back())
                raise
            finally:
                self._owner = None

    async def execute(self, sql: str, params: Params = {}) -> int:  # noqa: B006 - never changed
        """One statement as a transaction of its own, in a single trip to the writing thread; returns the number of rows it changed.

        A cancelled caller does not know whether it was committed. Raises `StoreError`; nothing was written then.
        """
        async with self._lock:
            return await WriteTransaction(self._writer).execute(sql, params)

    async def write_all(self, batch: Batch) -> None:
        """A whole transaction in a single trip to the writing thread. Raises `StoreError`; nothing was written then.

        A cancellation is raised once it is committed.
        """
        async with self._lock:
            with translated("write failed"):
                await unbroken(self._writer.write_all(batch))

    async def fetch_all(self, sql: str, params: Params = {}) -> list[Row]:  # noqa: B006 - never changed
        """Every committed row of a query. Runs in the event loop's thread: only for short, indexed queries. Raises `StoreError`."""
        return self.read_all(sql, params)

    def read_all(self, sql: str, params: Params = {}) -> list[Row]:  # noqa: B006 - never changed
        """As `fetch_all`, without giving other tasks a turn between the read and what the caller does with it."""
        with translated("query failed"), closing(self._reader.execute(sql, params)) as cursor:
            return cursor.fetchall()

    def read_values(self, sql: str, params: Params = {}) -> list[tuple[Any, ...]]:  # noqa: B006 - never changed
        """As `read_all`, each row as its values alone: for many rows at once, whose names cost more than the query."""
        with translated("query failed"), closing(self._reader.cursor()) as cursor:
            cursor.row_factory = None
            return cursor.execute(sql, params).fetchall()

    async def fetch_one(self, sql: str, params: Params = {}) -> Row | None:  # noqa: B006 - never changed
        """The first committed row of a query, or None. As `fetch_all`."""
        return self.read_one(sql, params)

    def read_one(self, sql: str, params: Params = {}) -> Row | None:  # noqa: B006 - never changed
        """As `fetch_one`, without giving other tasks a turn between the read and what the caller does with it."""
        with translated("query failed"), closing(self._reader.execute(sql, params)) as cursor:
            row: Row | None = cursor.fetchone()
            return row

    async def answers(self) -> None:
        """Return once the writing thread has answered, behind whatever it is busy with. Raises `StoreError`."""
        await self.execute("SELECT 1")

    def plugin_store(self, name: str) -> TablesOfPlugin:
        """The store of the plugin `name` for its own tables."""
        return TablesOfPlugin(self, name)

    async def _roll_back(self) -> None:
        try:
            # Does nothing where no transaction is open; queued behind whatever statement was cancelled.
            await self._writer.rollback()
        except (sqlite3.Error, ValueError) as error:
            # Closed, or SQLite has undone it already. The error that led here is the one to raise.
            logger.warning("rolling back failed: %s", error)


async def _configure(writer: Writer, path: Path) -> None:
    mode = [tuple(row.values()) for row in await writer.execute_fetchall("PRAGMA journal_mode = WAL")]  # type: ignore[attr-defined]
    if mode != [("wal",)]:
        raise StoreError(f"{path}: this file system does not let a reader and a writer work side by side (no write-ahead log)")
    # In WAL mode this never corrupts, and what was committed survives the death of the process; a power cut may
    # cost the last moments before it. FULL would pay an fsync for each message.
    await writer.execute_fetchall("PRAGMA synchronous = NORMAL")
    await writer.execute_fetchall("PRAGMA foreign_keys = ON")


def _open_reader(path: Path) -> sqlite3.Connection:
    reader = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=READ_BUSY_SECONDS, isolation_level=None, cached_statements=256
    )
    reader.row_factory = _as_mapping
    return reader
