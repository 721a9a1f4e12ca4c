"""One real homeserver for all tests of a process that need it, whichever folder they are in."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from parachute_core.testing.matrix import Homeserver, has_synapse

ROOT = Path(__file__).resolve().parents[1]
SYNAPSE = Path(os.environ.get("PARACHUTE_SYNAPSE") or ROOT / ".venvs" / "synapse" / "bin" / "python")
ABSENT = f"there is no Synapse at {SYNAPSE}: `make synapse` installs it there; PARACHUTE_SYNAPSE names another interpreter that has it"


class Shared:
    """Started for the first who needs it, stopped after the last."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._running: Homeserver | None = None
        self._users = 0

    @contextmanager
    def used(self) -> Iterator[Homeserver]:
        if self._running is None:
            self._running = self._stack.enter_context(Homeserver(SYNAPSE))
        self._users += 1
        try:
            yield self._running
        finally:
            self._users -= 1
            if not self._users:
                self._running = None
                self._stack.close()


SHARED = Shared()


@pytest.fixture(scope="session")
def homeserver() -> Iterator[Homeserver]:
    """A `conftest.py` that imports it has it."""
    if not has_synapse(SYNAPSE):
        if os.environ.get("PARACHUTE_SYNAPSE"):
            raise RuntimeError(ABSENT)
        pytest.skip(ABSENT)
    with SHARED.used() as running:
        yield running
