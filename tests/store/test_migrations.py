"""Schema steps of the core and of plugins."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from parachute_core.clock import SystemClock
from parachute_core.model.errors import StoreError
from parachute_core.store.database import Database

ONE = "CREATE TABLE pairing_requests (id TEXT PRIMARY KEY)"
TWO = "ALTER TABLE pairing_requests ADD COLUMN note TEXT"


async def steps(database: Database, owner: str) -> list[int]:
    rows = await database.fetch_all("SELECT step FROM schema_steps WHERE owner = :owner ORDER BY step", {"owner": owner})
    return [row["step"] for row in rows]


async def tables(database: Database) -> set[str]:
    return {row["name"] for row in await database.fetch_all("SELECT name FROM sqlite_master WHERE type = 'table'")}


async def test_each_step_is_applied_once(database: Database) -> None:
    store = database.plugin_store("pairing")
    await store.migrate([ONE])
    await store.migrate([ONE])
    await store.migrate([ONE, TWO])
    assert await steps(database, "pairing") == [1, 2]
    async with store.transaction() as transaction:
        await transaction.execute("INSERT INTO pairing_requests (id, note) VALUES ('a', 'b')")
    assert await store.fetch_one("SELECT * FROM pairing_requests") == {"id": "a", "note": "b"}


async def test_a_failing_step_undoes_those_before_it(database: Database) -> None:
    store = database.plugin_store("pairing")
    with pytest.raises(StoreError):
        await store.migrate([ONE, "CREATE NONSENSE"])
    assert "pairing_requests" not in await tables(database)
    assert await steps(database, "pairing") == []
    await store.migrate([ONE, TWO])
    assert await steps(database, "pairing") == [1, 2]


async def test_owners_do_not_disturb_each_other(database: Database) -> None:
    await database.plugin_store("one").migrate(["CREATE TABLE one_rows (id TEXT)"])
    await database.plugin_store("two").migrate(["CREATE TABLE two_rows (id TEXT)"])
    assert {"one_rows", "two_rows"} <= await tables(database)


async def test_more_steps_of_a_plugin_than_known_are_refused(database: Database) -> None:
    store = database.plugin_store("pairing")
    await store.migrate([ONE, TWO])
    with pytest.raises(StoreError, match="newer version"):
        await store.migrate([ONE])


def test_a_newer_core_is_refused_with_the_file_unchanged(file: Path) -> None:
    async def open_and_close() -> None:
        async with Database.open(file, SystemClock()):
            pass

    asyncio.run(open_and_close())
    with sqlite3.connect(file) as other:
        other.execute("INSERT INTO schema_steps (owner, step, applied_at) VALUES ('core', 999, '')")
    other.close()
    before = file.read_bytes()
    with pytest.raises(StoreError, match="newer version"):
        asyncio.run(open_and_close())
    assert file.read_bytes() == before


async def test_a_plugins_tables_bear_its_name(database: Database) -> None:
    with pytest.raises(StoreError, match="must start with"):
        await database.plugin_store("pairing").migrate(["CREATE TABLE requests (id TEXT)"])
    assert "requests" not in await tables(database)
    await database.plugin_store("night-shift").migrate(["CREATE TABLE night_shift_plan (id TEXT)"])


async def test_no_plugin_can_pose_as_the_core(database: Database) -> None:
    with pytest.raises(StoreError):
        database.plugin_store("core")
