"""Small writes of many tasks: whole or not at all, one trip to the writing thread for all of them, and one at fault costs no other."""

import asyncio

import pytest

from parachute_core.model.errors import StoreError
from parachute_core.store.database import Database
from parachute_core.store.group_commit import GroupCommit, Statement, Write

ADD = Write(0, "INSERT INTO secrets (name, value, made_at) VALUES (:name, :value, 'now')")
CHANGE = Write(1, "UPDATE secrets SET value = :value WHERE name = :name")


def add(name: object, value: str = "v") -> Statement:
    return Statement(ADD, {"name": name, "value": value})


async def kept(database: Database) -> dict[str, str]:
    return {row["name"]: row["value"] for row in await database.fetch_all("SELECT name, value FROM secrets")}


async def test_what_comes_together_is_one_transaction(database: Database) -> None:
    commit = GroupCommit(database)
    await asyncio.gather(*(commit.write(add(f"{number}")) for number in range(50)))
    assert len(await kept(database)) == 50
    assert commit.commits == 1


async def test_what_follows_from_a_commit_is_in_the_next_one_with_what_others_began(database: Database) -> None:
    commit = GroupCommit(database)

    async def chat(name: str) -> None:
        await commit.write(add(name))
        await commit.write(Statement(CHANGE, {"name": name, "value": "changed"}))

    await asyncio.gather(*(chat(f"{number}") for number in range(20)))
    assert set((await kept(database)).values()) == {"changed"}
    assert commit.commits == 2


async def test_lower_ranks_come_first(database: Database) -> None:
    await GroupCommit(database).write(Statement(CHANGE, {"name": "a", "value": "changed"}), add("a"))
    assert await kept(database) == {"a": "changed"}


async def test_one_write_is_kept_whole_or_not_at_all(database: Database) -> None:
    with pytest.raises(StoreError):
        await GroupCommit(database).write(add("a"), add("b"), add("a"))
    assert await kept(database) == {}


async def test_who_is_at_fault_costs_no_other(database: Database) -> None:
    commit = GroupCommit(database)
    outcomes = await asyncio.gather(commit.write(add("a")), commit.write(add(object())), commit.write(add("b")), return_exceptions=True)
    assert [type(one) for one in outcomes] == [type(None), StoreError, type(None)]
    assert set(await kept(database)) == {"a", "b"}


async def test_a_cancelled_caller_s_write_is_kept_and_the_connection_stays_usable(database: Database) -> None:
    commit = GroupCommit(database)
    task = asyncio.create_task(commit.write(add("a")))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await commit.write(add("b"))
    assert set(await kept(database)) == {"a", "b"}


async def test_a_batch_waits_for_a_transaction_that_is_open(database: Database) -> None:
    commit = GroupCommit(database)
    async with database.transaction() as transaction:
        writing = asyncio.create_task(commit.write(add("late")))
        await transaction.execute("INSERT INTO secrets (name, value, made_at) VALUES ('first', 'v', 'now')")
        assert not writing.done()
    await writing
    assert set(await kept(database)) == {"first", "late"}
