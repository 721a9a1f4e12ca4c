"""One real homeserver for all tests of a process, and new accounts on it for each test."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from parachute_core.testing.matrix import Homeserver, MatrixWorld, has_synapse, matrix_world

ROOT = Path(__file__).resolve().parents[3]
SYNAPSE = Path(os.environ.get("PARACHUTE_SYNAPSE") or ROOT / ".venvs" / "synapse" / "bin" / "python")
ABSENT = f"there is no Synapse at {SYNAPSE}: `make synapse` installs it there; PARACHUTE_SYNAPSE names another interpreter that has it"


@pytest.fixture(scope="session")
def homeserver() -> Iterator[Homeserver]:
    if not has_synapse(SYNAPSE):
        if os.environ.get("PARACHUTE_SYNAPSE"):
            raise RuntimeError(ABSENT)
        pytest.skip(ABSENT)
    with Homeserver(SYNAPSE) as running:
        yield running


@pytest.fixture
async def world(homeserver: Homeserver) -> AsyncIterator[MatrixWorld]:
    async with matrix_world(homeserver) as fresh:
        yield fresh
