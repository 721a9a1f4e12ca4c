"""One real homeserver for all tests of a process that need it, whichever folder they are in."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from parachute_core.testing.matrix import Homeserver, NoSynapse, find_synapse


class Shared:
    """Started for the first who needs it, stopped after the last."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._running: Homeserver | None = None
        self._users = 0

    @contextmanager
    def used(self) -> Iterator[Homeserver]:
        if self._running is None:
            self._running = self._stack.enter_context(Homeserver(find_synapse()))
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
    try:
        find_synapse()
    except NoSynapse as missing:
        if os.environ.get("PARACHUTE_SYNAPSE"):
            raise
        pytest.skip(str(missing))
    with SHARED.used() as running:
        yield running
