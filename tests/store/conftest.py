"""What the tests of the store share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parachute_core.clock import SystemClock
from parachute_core.store.database import Database


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "parachute.db"


@pytest.fixture
async def database(file: Path) -> AsyncIterator[Database]:
    async with Database.open(file, SystemClock()) as database:
        yield database
