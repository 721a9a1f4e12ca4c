"""What the tests of the store share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parachute_core.clock import SystemClock
from parachute_core.model.parcel import Exchange
from parachute_core.store.database import Database
from parachute_core.store.group_commit import GroupCommit
from parachute_core.store.sessions import SessionStore


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "parachute.db"


async def keep_turn(database: Database, store: SessionStore, session_id: str, question: str, answer: str) -> None:
    """What happens when an answer has arrived."""
    await GroupCommit(database).write(store.remember(Exchange(session_id, question, answer)))
    await store.used(session_id)


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    async with Database.open(file, SystemClock()) as database:
        yield database
