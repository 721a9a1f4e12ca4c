"""Writes that may not fail: what became of a call is known only here until it is written."""

import logging

from parachute_core.clock import Clock
from parachute_core.model.errors import StoreError
from parachute_core.store.group_commit import GroupCommit, Statement
from parachute_core.store.unbroken import unbroken

FIRST_WAIT = 1.0
LONGEST_WAIT = 30.0
"""Seconds between two tries, doubling from the one to the other."""

log = logging.getLogger(__name__)


class Ledger:
    """The store, for whoever cannot go on before it has taken something."""

    def __init__(self, commit: GroupCommit, clock: Clock) -> None:
        self._commit = commit
        self._clock = clock
        self.trouble: str | None = None
        """Why the store takes nothing at the moment; None: it does."""

    async def write(self, *statements: Statement) -> None:
        """Write it now or not at all. Raises `StoreError`."""
        try:
            await self._commit.write(*statements)
        except StoreError as error:
            self.trouble = str(error)
            raise
        self.trouble = None

    async def insist(self, *statements: Statement) -> None:
        """Write it, however long that takes: a disk that is full is cleared one day. When cancelled it has either been written or not."""
        wait = FIRST_WAIT
        while True:
            try:
                await unbroken(self.write(*statements))
            except StoreError as error:
                log.error("the store takes nothing; trying again", extra={"error": str(error), "wait": wait})
            else:
                return
            await self._clock.sleep(wait)
            wait = min(LONGEST_WAIT, 2 * wait)
