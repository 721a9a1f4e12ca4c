"""Sessions: opened, archived, their turns kept."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from parachute_core.clock import SystemClock
from parachute_core.model.message import ChatRef, ChatType
from parachute_core.model.session import Session
from parachute_core.model.trust import TrustLevel
from parachute_core.model.turn import HistoryEntry
from parachute_core.store.database import Database
from parachute_core.store.history import tokens_of
from parachute_core.store.sessions import SessionStore
from parachute_core.testing import FakeClock
from tests.store.conftest import keep_turn

CHAT = ChatRef("telegram", "42")


async def open_session(store: SessionStore, chat: ChatRef = CHAT, *, replace: bool = False) -> Session:
    return await store.open(chat, ChatType.DIRECT, "7", TrustLevel.SANDBOXED, replace=replace)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(database: Database, clock: FakeClock) -> SessionStore:
    return SessionStore(database, clock)


async def test_nothing_is_there_before_it_is_opened(database: Database, store: SessionStore) -> None:
    assert await store.current(CHAT) is None
    assert await store.get("nothing") is None
    assert await store.archive("nothing") is None
    assert await store.history("nothing", 1000) == ()
    await keep_turn(database, store, "nothing", "q", "a")
    assert await store.history("nothing", 1000) == ()


async def test_a_live_session_is_used_again(store: SessionStore) -> None:
    first = await open_session(store)
    assert await open_session(store) == first == await store.current(CHAT) == await store.get(first.id)
    assert (first.chat, first.user_id, first.trust_level, first.archived) == (CHAT, "7", TrustLevel.SANDBOXED, False)


async def test_replacing_archives_the_live_one(store: SessionStore) -> None:
    first = await open_session(store)
    second = await open_session(store, replace=True)
    assert second.id != first.id
    ended = await store.get(first.id)
    assert ended is not None
    assert ended.archived
    assert await store.current(CHAT) == second


async def test_an_archived_session_stays_the_current_one_until_another_is_opened(store: SessionStore) -> None:
    first = await open_session(store)
    assert await store.archive(first.id) is True
    assert await store.archive(first.id) is False
    current = await store.current(CHAT)
    assert current is not None
    assert (current.id, current.archived) == (first.id, True)
    second = await open_session(store)
    assert second.id != first.id


async def test_chats_have_sessions_of_their_own(store: SessionStore) -> None:
    one = await open_session(store)
    other = await open_session(store, ChatRef("discord", "42"))
    assert one.id != other.id
    assert await store.current(CHAT) == one


async def test_concurrent_openings_leave_one_live_session(store: SessionStore, database: Database) -> None:
    opened = await asyncio.gather(*(open_session(store) for _ in range(20)))
    assert len({one.id for one in opened}) == 1
    await asyncio.gather(*(open_session(store, replace=True) for _ in range(20)))
    assert await database.fetch_one("SELECT COUNT(*) AS live FROM sessions WHERE archived = 0") == {"live": 1}


async def test_of_concurrent_archivings_one_did_it(store: SessionStore) -> None:
    session = await open_session(store)
    assert sorted(map(bool, await asyncio.gather(*(store.archive(session.id) for _ in range(10))))) == [False] * 9 + [True]


async def test_a_turn_is_kept_and_touches_the_session_once_a_minute(database: Database, store: SessionStore, clock: FakeClock) -> None:
    session = await open_session(store)
    await keep_turn(database, store, session.id, "how?", "so.")
    assert await store.history(session.id, 1000) == (HistoryEntry("user", "how?"), HistoryEntry("assistant", "so."))
    assert await store.current(CHAT) == session
    await clock.advance(60)
    await keep_turn(database, store, session.id, "and?", "so.")
    touched = await store.current(CHAT)
    assert touched is not None
    assert touched.last_used == clock.now()


async def test_history_is_told_from_the_same_beginning_for_several_turns_and_the_oldest_is_dropped(
    store: SessionStore, database: Database, clock: FakeClock
) -> None:
    session = await open_session(store)
    begun: list[str] = []
    for number in range(80):
        await keep_turn(database, store, session.id, f"q{number}", f"a{number}")
        told = [entry.text for entry in await store.history(session.id, 10_000)]
        assert told[-1] == f"a{number}"
        assert 100 <= len(told) <= 120 or (number < 50 and len(told) == 2 * number + 2)
        begun.append(told[0])
    assert list(dict.fromkeys(begun)) == ["q0", "q10", "q20"]
    await clock.advance(60)
    await keep_turn(database, store, session.id, "q80", "a80")
    assert await database.fetch_one("SELECT COUNT(*) AS kept FROM history") == {"kept": 120}


async def test_history_never_has_more_tokens_than_it_may(store: SessionStore, database: Database) -> None:
    session = await open_session(store)
    for number in range(30):
        await keep_turn(database, store, session.id, "Frage " * number, "日本語 " * number)
    whole = await store.history(session.id, 1_000_000)
    assert len(whole) == 60
    for most in range(0, 4000, 37):
        told = await store.history(session.id, most)
        assert sum(tokens_of(entry.text) for entry in told) <= most
        assert told == whole[len(whole) - len(told) :]
        assert not told or told[0].role == "user"
    assert await store.history(session.id, 0) == ()


@pytest.mark.parametrize(("text", "tokens"), [("", 4), ("a", 5), ("hello", 6), ("日本語", 7), ("🪂", 6), ("x" * 300, 104)])
def test_tokens_are_estimated_from_above(text: str, tokens: int) -> None:
    assert tokens_of(text) == tokens


async def test_sessions_are_listed_by_last_use(database: Database, store: SessionStore, clock: FakeClock) -> None:
    sessions = []
    for number in range(5):
        sessions.append(await open_session(store, ChatRef("web", str(number))))
        await clock.advance(60)
    await keep_turn(database, store, sessions[0].id, "q", "a")
    listed = await store.list(3, 0)
    assert [one.id for one in listed] == [sessions[0].id, sessions[4].id, sessions[3].id]
    assert [one.id for one in await store.list(10, 3)] == [sessions[2].id, sessions[1].id]


@pytest.mark.parametrize("stored", [None, "", "full", "DIRECT", "root", 7])
async def test_a_trust_level_that_cannot_be_read_is_none(file: Path, stored: object) -> None:
    async with Database.open(file, SystemClock()) as database:
        session = await open_session(SessionStore(database, SystemClock()))
    with sqlite3.connect(file) as other:
        other.execute("UPDATE sessions SET trust_level = ?", (stored,))
    other.close()
    async with Database.open(file, SystemClock()) as database:
        read = await SessionStore(database, SystemClock()).get(session.id)
    assert read is not None
    assert read.trust_level is None


async def test_a_cancelled_opening_leaves_answers_that_match_the_table(store: SessionStore, database: Database) -> None:
    for rounds in range(0, 80, 4):
        before = await open_session(store)
        task = asyncio.create_task(open_session(store, replace=True))
        for _ in range(rounds):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        fresh = SessionStore(database, SystemClock())
        assert await store.current(CHAT) == await fresh.current(CHAT)
        assert await store.get(before.id) == await fresh.get(before.id)


async def test_memory_is_bounded(database: Database) -> None:
    store = SessionStore(database, SystemClock(), capacity=3)
    chats = [ChatRef("web", str(number)) for number in range(10)]
    opened = [await open_session(store, chat) for chat in chats]
    assert [await store.current(chat) for chat in chats] == opened
    assert len(store._cache) <= 3
