"""One write transaction at a time, whole or not at all, whatever happens inside it."""

import asyncio

import pytest

from parachute_core.model.errors import StoreError
from parachute_core.store.database import Database

INSERT = "INSERT INTO secrets (name, value, made_at) VALUES (:name, 'v', 'now')"


async def names(database: Database) -> set[str]:
    return {row["name"] for row in await database.fetch_all("SELECT name FROM secrets")}


async def test_readers_see_committed_rows_only(database: Database) -> None:
    async with database.transaction() as transaction:
        assert await transaction.execute(INSERT, {"name": "a"}) == 1
        assert await transaction.fetch_one("SELECT name FROM secrets") == {"name": "a"}
        assert await names(database) == set()
    assert await names(database) == {"a"}


async def test_an_error_inside_undoes_everything_and_leaves_the_connection_usable(database: Database) -> None:
    async def work() -> None:
        async with database.transaction() as transaction:
            await transaction.execute(INSERT, {"name": "a"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await work()
    async with database.transaction() as transaction:
        await transaction.execute(INSERT, {"name": "b"})
    assert await names(database) == {"b"}


async def test_a_failing_statement_is_a_store_error_and_undoes_everything(database: Database) -> None:
    async def work() -> None:
        async with database.transaction() as transaction:
            await transaction.execute(INSERT, {"name": "a"})
            await transaction.execute(INSERT, {"name": "a"})

    with pytest.raises(StoreError):
        await work()
    assert await names(database) == set()


@pytest.mark.parametrize("rounds", range(0, 60, 3))
async def test_a_transaction_cancelled_at_any_point_is_whole_or_undone(database: Database, rounds: int) -> None:
    async def work() -> None:
        async with database.transaction() as transaction:
            for name in "abc":
                await transaction.execute(INSERT, {"name": name})

    task = asyncio.create_task(work())
    for _ in range(rounds):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await names(database) in (set(), {"a", "b", "c"})
    async with database.transaction() as transaction:
        await transaction.execute(INSERT, {"name": "after"})
    assert "after" in await names(database)


async def test_cancelling_inside_the_block_undoes_it(database: Database) -> None:
    inside = asyncio.Event()

    async def work() -> None:
        async with database.transaction() as transaction:
            await transaction.execute(INSERT, {"name": "a"})
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await names(database) == set()


async def test_cancelling_who_waits_for_the_lock_disturbs_nobody(database: Database) -> None:
    async with database.transaction() as transaction:
        waiting = asyncio.create_task(database.plugin_store("x").migrate(["CREATE TABLE x_one (id TEXT)"]))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await transaction.execute(INSERT, {"name": "a"})
    assert await names(database) == {"a"}


async def test_concurrent_transactions_do_not_mix(database: Database) -> None:
    async def add(name: str, *, fail: bool) -> None:
        async with database.transaction() as transaction:
            await transaction.execute(INSERT, {"name": name})
            await asyncio.sleep(0)
            if fail:
                raise ZeroDivisionError

    await asyncio.gather(*(add(str(one), fail=one % 2 == 1) for one in range(40)), return_exceptions=True)
    assert await names(database) == {str(one) for one in range(0, 40, 2)}


async def test_of_concurrent_compare_and_sets_exactly_one_wins(database: Database) -> None:
    async with database.transaction() as transaction:
        await transaction.execute(INSERT, {"name": "a"})

    async def resolve(value: str) -> int:
        async with database.transaction() as transaction:
            return await transaction.execute("UPDATE secrets SET value = :value WHERE name = 'a' AND value = 'v'", {"value": value})

    assert sorted(await asyncio.gather(*(resolve(str(one)) for one in range(20)))) == [0] * 19 + [1]


async def test_nesting_is_refused_instead_of_waiting_for_ever(database: Database) -> None:
    with pytest.raises(StoreError, match="nest"):
        async with database.transaction(), database.transaction():
            pass
    async with database.transaction() as transaction:
        await transaction.execute(INSERT, {"name": "a"})


async def test_a_transaction_is_of_no_use_after_its_block(database: Database) -> None:
    async with database.transaction() as transaction:
        pass
    with pytest.raises(StoreError, match="over"):
        await transaction.execute(INSERT, {"name": "a"})


async def test_a_query_through_execute_does_not_keep_the_statement_open(database: Database) -> None:
    async with database.transaction() as transaction:
        await transaction.execute("SELECT name FROM sqlite_master")
        await transaction.execute(INSERT, {"name": "a"})
    assert await names(database) == {"a"}


async def test_foreign_keys_are_enforced(database: Database) -> None:
    with pytest.raises(StoreError):
        async with database.transaction() as transaction:
            await transaction.execute("INSERT INTO history (session_id, position, role, text, at) VALUES ('no', 1, 'user', '', '')")


async def test_the_reader_cannot_write(database: Database) -> None:
    with pytest.raises(StoreError):
        await database.fetch_all(INSERT, {"name": "a"})


@pytest.mark.parametrize("value", ["\ud800", 2**70, object()])
async def test_a_value_that_cannot_be_stored_is_a_store_error(database: Database, value: object) -> None:
    async def work() -> None:
        async with database.transaction() as transaction:
            await transaction.execute("INSERT INTO secrets (name, value, made_at) VALUES ('n', :value, '')", {"value": value})

    with pytest.raises(StoreError):
        await work()
    with pytest.raises(StoreError):
        await database.fetch_one("SELECT :value AS value", {"value": value})
    assert await names(database) == set()
