"""Inbox, outbox and the commits that many tasks share."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from parachute_core.clock import SystemClock
from parachute_core.model.errors import StoreError
from parachute_core.model.message import ChatType, Inbound
from parachute_core.model.outgoing import Outgoing, Purpose, SendKind
from parachute_core.model.parcel import Exchange, Grant, Parcel, ParcelState
from parachute_core.store.database import Database
from parachute_core.store.deliveries import DeliveryList
from parachute_core.store.frozen import Frozen
from parachute_core.store.group_commit import GroupCommit, Statement, Write
from parachute_core.store.inbox import Inbox
from parachute_core.store.migrations import CORE, CORE_STEPS
from parachute_core.store.outbox import Outbox
from parachute_core.store.salvage import salvage
from parachute_core.testing import FakeClock

BROKEN = "a\ud800b \udfff \x00 é 😀"
ROW = Write(5, "INSERT INTO secrets (name, value, made_at) VALUES (:name, :value, 'now')")
CHANGE = Write(6, "UPDATE secrets SET value = value || :more WHERE name = :name")


def inbound(message_id: str = "m1", text: str = "hello") -> Inbound:
    return Inbound("telegram", "1", "1", text, message_id, datetime(2026, 1, 1, tzinfo=UTC))


def parcel(text: str = "hello", *, last: bool = False, inbox: int | None = None) -> Parcel:
    outgoing = Outgoing("telegram", "1", SendKind.MESSAGE, Purpose.REPLY, "k.0", text)
    return Parcel(outgoing, "k", inbox, last, grant=Grant("1", 3, ChatType.GROUP), exchange=Exchange("s", text, text))


async def values(database: Database) -> dict[str, str]:
    return {row["name"]: row["value"] for row in await database.fetch_all("SELECT name, value FROM secrets")}


async def test_what_gathers_is_committed_together_and_in_the_order_of_ranks(database: Database) -> None:
    commit = GroupCommit(database)
    first = asyncio.create_task(commit.write(Statement(ROW, {"name": "first", "value": ""})))
    await asyncio.sleep(0)
    change = commit.write(Statement(CHANGE, {"name": "a", "more": "!"}))  # asked for before the row is
    rows = [commit.write(Statement(ROW, {"name": name, "value": name})) for name in "abc"]
    await asyncio.gather(first, change, *rows)
    assert await values(database) == {"first": "", "a": "a!", "b": "b", "c": "c"}
    assert commit.commits <= 2


async def test_a_statement_that_fails_costs_only_its_own_write(database: Database) -> None:
    commit = GroupCommit(database)
    blocker = asyncio.create_task(commit.write(Statement(ROW, {"name": "x", "value": ""})))
    await asyncio.sleep(0)
    both = commit.write(Statement(ROW, {"name": "y", "value": ""}), Statement(ROW, {"name": "x", "value": "again"}))
    outcomes = await asyncio.gather(blocker, both, commit.write(Statement(ROW, {"name": "z", "value": ""})), return_exceptions=True)
    assert [type(one) for one in outcomes] == [type(None), StoreError, type(None)]
    assert await values(database) == {"x": "", "z": ""}
    await commit.write(Statement(ROW, {"name": "y", "value": ""}))


async def test_who_is_cancelled_is_written_all_the_same_and_costs_nobody_else(database: Database) -> None:
    commit = GroupCommit(database)
    tasks = [asyncio.create_task(commit.write(Statement(ROW, {"name": name, "value": ""}))) for name in "abc"]
    await asyncio.sleep(0)
    tasks[1].cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in outcomes] == [type(None), asyncio.CancelledError, type(None)]
    await commit.write(Statement(ROW, {"name": "d", "value": ""}))
    assert set(await values(database)) == {"a", "b", "c", "d"}


async def test_nobody_waits_for_ever_for_a_write_that_cannot_be_made(database: Database) -> None:
    commit = GroupCommit(database)
    with pytest.raises(StoreError):
        async with asyncio.timeout(10):
            await commit.write(Statement(ROW, {"name": object(), "value": ""}))
    await commit.write(Statement(ROW, {"name": "fine", "value": ""}))


@pytest.mark.parametrize("text", [BROKEN, "", "\n", "\\ud800", "x" * 100_000])
async def test_records_come_back_as_they_were_whatever_people_write(database: Database, text: str) -> None:
    assert Frozen(Inbound).load(Frozen(Inbound).dump(inbound(text=text))) == inbound(text=text)
    assert Frozen(Parcel).load(Frozen(Parcel).dump(parcel(text))) == parcel(text)
    clock, commit = SystemClock(), GroupCommit(database)
    inbox, outbox = Inbox(database, clock), Outbox(database, clock)
    taken, kept = inbox.new(inbound(text=text), None, 0), outbox.new(parcel(text), ParcelState.QUEUED)
    await commit.write(inbox.put(taken), outbox.put(kept))
    assert inbox.taken("telegram") == [taken]
    assert [one.parcel for one in outbox.open_parcels("telegram")] == [parcel(text)]


async def test_what_cannot_be_read_is_put_aside_with_a_reason_and_stops_nothing(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    clock, commit = SystemClock(), GroupCommit(database)
    inbox, outbox = Inbox(database, clock), Outbox(database, clock)
    answered, unreadable, sound = (inbox.new(inbound(f"m{number}"), None, 0) for number in range(3))
    broken = outbox.new(parcel(inbox=answered.number, last=True), ParcelState.SENDING)
    fine = outbox.new(parcel(), ParcelState.QUEUED)
    await commit.write(*(inbox.put(one) for one in (answered, unreadable, sound)), outbox.put(broken), outbox.put(fine))
    await database.execute("UPDATE outbox SET parcel = '{\"nonsense\": 1}' WHERE id = :id", {"id": broken.id})
    await database.execute("UPDATE inbox SET message = 'no json' WHERE number = :number", {"number": unreadable.number})
    with pytest.raises(StoreError):
        outbox.open_parcels("telegram")
    await salvage(database)
    assert inbox.taken("telegram") == [sound]
    assert [one.id for one in outbox.open_parcels("telegram")] == [fine.id]
    assert [(one.state, one.reason) for one in await DeliveryList(database).recent(5)] == [("dead", "its record cannot be read")]
    rows = await database.fetch_all("SELECT state, reason FROM inbox ORDER BY number")
    assert [tuple(row.values()) for row in rows] == [("settled", None), ("aside", "its record cannot be read"), ("taken", None)]
    assert "cannot be read" in caplog.text
    await salvage(database)


async def test_an_end_is_an_end(database: Database) -> None:
    clock, commit = SystemClock(), GroupCommit(database)
    outbox = Outbox(database, clock)
    kept = outbox.new(parcel(), ParcelState.QUEUED)
    await commit.write(outbox.put(kept))
    late = outbox.change(kept)
    kept.state, kept.reason = ParcelState.DISCARDED, "revoked"
    await commit.write(outbox.change(kept))
    await commit.write(late)
    assert await database.fetch_one("SELECT state, reason, parcel FROM outbox") == {
        "state": "discarded",
        "reason": "revoked",
        "parcel": None,
    }


async def test_what_is_kept_is_forgotten_in_its_time_and_nothing_else_is(file: Path) -> None:
    clock = FakeClock()
    async with Database.open(file, clock) as database:
        inbox, outbox, commit = Inbox(database, clock), Outbox(database, clock), GroupCommit(database)
        states = [ParcelState.SENT, ParcelState.DISCARDED, ParcelState.DEAD, ParcelState.HELD, ParcelState.QUEUED, ParcelState.SENT]
        taken = [inbox.new(inbound(f"m{number}"), None, 0) for number in range(3)]
        await commit.write(inbox.put(taken[0], settled=True), inbox.put(taken[1]), inbox.put(taken[2], settled=True))
        await commit.write(*(outbox.put(outbox.new(parcel(), state)) for state in states))
        for hours, left, known in ((47, 6, 3), (2, 4, 2), (30 * 24, 1, 2)):
            clock.jump_wall(timedelta(hours=hours).total_seconds())
            await outbox.purge()
            await inbox.purge()
            assert len(await database.fetch_all("SELECT id FROM outbox")) == left
            assert len(await database.fetch_all("SELECT number FROM inbox")) == known
        # The newest of each stays, so that no number is given twice.
        assert Outbox(database, clock).new(parcel(), ParcelState.QUEUED).id == 7
        assert Inbox(database, clock).new(inbound(), None, 0).number == 4


async def test_what_may_have_arrived_keeps_its_age_over_a_restart_and_is_old_when_the_clock_was_set_back(file: Path) -> None:
    clock = FakeClock()
    async with Database.open(file, clock) as database:
        outbox, commit = Outbox(database, clock), GroupCommit(database)
        kept = outbox.new(parcel(), ParcelState.QUEUED, unknown=True)
        await commit.write(outbox.put(kept))
        kept.unknown_since = clock.monotonic()
        await commit.write(outbox.change(kept))
        await clock.advance(50)
        assert outbox.open_parcels("telegram")[0].unknown_since == pytest.approx(clock.monotonic() - 50)
        clock.jump_wall(-3600)
        since = outbox.open_parcels("telegram")[0].unknown_since
        assert since is not None
        assert clock.monotonic() - since > 86_400


FAILED_SENDS = next(number for number, step in enumerate(CORE_STEPS) if "CREATE TABLE inbox" in step)
"""How many steps the version before the journal had."""


def older_database(file: Path) -> None:
    file.parent.mkdir(mode=0o700)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(
            "CREATE TABLE schema_steps (owner TEXT NOT NULL, step INTEGER NOT NULL, applied_at TEXT NOT NULL, PRIMARY KEY (owner, step))"
        )
        for number, step in enumerate(CORE_STEPS[:FAILED_SENDS], start=1):
            database.execute(step)
            database.execute("INSERT INTO schema_steps VALUES (?, ?, 'then')", (CORE, number))
        for number in range(1, 8):
            at = f"2026-01-0{number}T12:00:00.000000+00:00"
            row = (number, at, "telegram", str(number), "message", "reply", "Rejected")
            database.execute("INSERT INTO failed_sends VALUES (?, ?, ?, ?, ?, ?, ?)", row)


async def test_the_journal_takes_over_every_failure_of_the_version_before(file: Path) -> None:
    older_database(file)
    async with Database.open(file, SystemClock()) as database:
        await salvage(database)
        found = await DeliveryList(database).recent(50)
        assert [(one.chat_id, one.state, one.error) for one in found] == [(str(number), "dead", "Rejected") for number in range(7, 0, -1)]
        assert all(one.reason for one in found)
        assert Outbox(database, SystemClock()).new(parcel(), ParcelState.QUEUED).id == 8
        assert await database.fetch_all("SELECT name FROM sqlite_master WHERE name = 'failed_sends'") == []


async def test_a_journal_of_a_newer_version_is_refused_and_left_alone(file: Path) -> None:
    async with Database.open(file, SystemClock()) as database:
        await database.execute("INSERT INTO schema_steps VALUES ('core', :step, 'then')", {"step": len(CORE_STEPS) + 1})
    with pytest.raises(StoreError, match="newer"):
        async with Database.open(file, SystemClock()):
            pass
