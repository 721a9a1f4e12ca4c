"""One real homeserver for all tests of a process that need it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from parachute_core.testing.matrix import Homeserver, has_synapse

ROOT = Path(__file__).resolve().parents[1]
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
