"""Statements on the one writing connection."""

from collections.abc import Sequence

import aiosqlite

from parachute_core.hooks.shapes import Params, Row
from parachute_core.model.errors import StoreError
from parachute_core.store.faults import translated


class WriteTransaction:
    """What a `transaction()` block is given; of no use after the block. Implements `hooks.shapes.Transaction`."""

    def __init__(self, writer: aiosqlite.Connection) -> None:
        self._writer: aiosqlite.Connection | None = writer

    def end(self) -> None:
        """Refuse every further statement: it would run in somebody else's transaction."""
        self._writer = None

    async def execute(self, sql: str, params: Params = {}) -> int:  # noqa: B006 - never changed
        """Run one statement; returns the number of rows it changed. Raises `StoreError`."""
        writer = self._connection()
        with translated("statement failed"):
            cursor = await writer.execute(sql, params)
            changed = cursor.rowcount
            if cursor.description is not None:  # It has rows: unread ones would keep the statement open.
                await cursor.close()
        return max(0, changed)

    async def fetch_all(self, sql: str, params: Params = {}) -> list[Row]:  # noqa: B006 - never changed
        """Every row of a query, as mappings by column name. Sees what this transaction wrote. Raises `StoreError`."""
        writer = self._connection()
        with translated("query failed"):
            rows: Sequence[Row] = list(await writer.execute_fetchall(sql, params))  # type: ignore[arg-type]
        return list(rows)

    async def fetch_one(self, sql: str, params: Params = {}) -> Row | None:  # noqa: B006 - never changed
        """The first row of a query, or None. Raises `StoreError`."""
        rows = await self.fetch_all(sql, params)
        return rows[0] if rows else None

    def _connection(self) -> aiosqlite.Connection:
        if self._writer is None:
            raise StoreError("the transaction is over")
        return self._writer
