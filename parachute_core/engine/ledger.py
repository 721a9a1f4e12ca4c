"""Writes that may not fail: what became of a call is known only here until it is written."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence

from parachute_core.clock import Clock
from parachute_core.model.errors import StoreError
from parachute_core.store.group_commit import GroupCommit, Statement
from parachute_core.store.unbroken import unbroken

FIRST_WAIT = 1.0
LONGEST_WAIT = 30.0
"""Seconds between two tries, doubling from the one to the other."""
LOOK_EVERY = 5.0
"""Seconds between two looks whether a store in trouble takes something again."""

log = logging.getLogger(__name__)


class Ledger:
    """The store, for whoever cannot go on before it has taken something."""

    def __init__(self, commit: GroupCommit, clock: Clock) -> None:
        self._commit = commit
        self._clock = clock
        self.trouble: str | None = None
        """Why the store takes nothing at the moment; None: it does."""
        self._trial: Callable[[str], Statement] | None = None
        self._looking: asyncio.Task[None] | None = None
        self._promised: set[asyncio.Task[None]] = set()

    def try_with(self, trial: Callable[[str], Statement]) -> None:
        """What is written to see whether a store that was in this trouble takes something again: nobody else may write for hours."""
        self._trial = trial

    async def close(self) -> None:
        """Look no more, and write nothing any more that was promised."""
        tasks = self._promised | ({self._looking} if self._looking is not None else set())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def write(self, *statements: Statement, beside: Sequence[Statement] = ()) -> None:
        """Write it now or not at all. Raises `StoreError`.

        `beside` is written with it; where that alone cannot be written, it is left out, and logged.
        """
        try:
            await self._commit.write(*statements, *beside)
        except StoreError as error:
            if beside and await self._without(statements, error):
                return
            self.trouble = str(error)
            if self._looking is None and self._trial is not None:
                self._looking = asyncio.create_task(self._look(self._trial))
            raise
        if statements or beside:  # nothing at all is taken also by a disk that is full
            self.trouble = None

    async def insist(self, *statements: Statement, beside: Sequence[Statement] = ()) -> None:
        """Write it, however long that takes: a disk that is full is cleared one day. When cancelled it has either been written or not."""
        wait = FIRST_WAIT
        while True:
            try:
                await unbroken(self.write(*statements, beside=beside))
            except StoreError as error:
                log.error("the store takes nothing; trying again", extra={"error": str(error), "wait": wait})
            else:
                return
            await self._clock.sleep(wait)
            wait = min(LONGEST_WAIT, 2 * wait)

    async def promise(self, *statements: Statement, beside: Sequence[Statement] = ()) -> None:
        """Write it, and return within one try: where the store takes nothing, the further tries are made when nobody waits for them.

        For what holds in this process already. A stop of the process ends the tries.
        """
        try:
            await unbroken(self.write(*statements, beside=beside))
        except StoreError:
            task = asyncio.create_task(self.insist(*statements, beside=beside))
            self._promised.add(task)
            task.add_done_callback(self._promised.discard)

    async def _look(self, trial: Callable[[str], Statement]) -> None:
        while self.trouble is not None:
            await self._clock.sleep(LOOK_EVERY)
            if self.trouble is not None:
                with contextlib.suppress(StoreError):
                    await self.write(trial(self.trouble))
        self._looking = None

    async def _without(self, statements: Sequence[Statement], error: StoreError) -> bool:
        """Whether it can be written without what should stand beside it."""
        try:
            await self.write(*statements)
        except StoreError:
            return False
        log.error("a decision could not be put on record", extra={"error": str(error)})
        return True
