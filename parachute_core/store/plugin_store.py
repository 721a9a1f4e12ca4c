"""A plugin's view of the database."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from parachute_core.hooks.shapes import Params, Row, Transaction
from parachute_core.model.errors import StoreError
from parachute_core.store.migrations import CORE, migrate

if TYPE_CHECKING:
    from parachute_core.store.database import Database


class TablesOfPlugin:
    """Implements `hooks.shapes.PluginStore` for one plugin."""

    def __init__(self, database: "Database", name: str) -> None:
        if name == CORE:
            raise StoreError(f"a plugin cannot be called {name!r}: the core keeps its own tables under that name")
        self._database = database
        self._name = name

    async def migrate(self, steps: Sequence[str]) -> None:
        """See `PluginStore.migrate`. Tables start with the plugin's name, with `_` for `-`; else `StoreError`."""
        await migrate(self._database, self._name, steps, prefix=self._name.replace("-", "_"))

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """See `PluginStore.transaction`."""
        return self._database.transaction()

    async def fetch_all(self, sql: str, params: Params = {}) -> list[Row]:  # noqa: B006 - never changed
        """See `PluginStore.fetch_all`."""
        return await self._database.fetch_all(sql, params)

    async def fetch_one(self, sql: str, params: Params = {}) -> Row | None:  # noqa: B006 - never changed
        """See `PluginStore.fetch_one`."""
        return await self._database.fetch_one(sql, params)
