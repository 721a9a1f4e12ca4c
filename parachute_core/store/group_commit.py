"""Small writes of many tasks, committed together: while one commit is under way, the next ones gather."""

import asyncio
from collections.abc import Mapping
from itertools import groupby
from typing import Any, NamedTuple

from parachute_core.clock import next_turn
from parachute_core.model.errors import StoreError
from parachute_core.store.database import Database

GATHERING = 2
"""Rounds of the event loop before a commit: whoever waited for the last one can put in what follows from it. Nearly half of the
commits are saved where messages come one after the other.
"""


class Write(NamedTuple):
    """A statement that can be made for many rows at once. Within one commit, lower ranks come first."""

    rank: int
    sql: str


class Statement(NamedTuple):
    """One row's worth of a write."""

    write: Write
    params: Mapping[str, Any]


class GroupCommit:
    """The statements of one `write` are committed together or not at all, in the order of their ranks."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[tuple[Statement, ...], asyncio.Future[None]]] = []
        self._worker: asyncio.Task[None] | None = None
        self.commits = 0
        """Transactions made so far."""

    async def write(self, *statements: Statement) -> None:
        """Returns once it is committed. Raises `StoreError`; nothing of it was written then.

        It is written also when the caller is cancelled meanwhile.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((statements, done))
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        await asyncio.shield(done)

    async def _work(self) -> None:
        try:
            while self._waiting:
                for _ in range(GATHERING):
                    await next_turn()
                batch, self._waiting = self._waiting, []
                await self._commit(batch)
        finally:
            self._worker = None

    async def _commit(self, batch: list[tuple[tuple[Statement, ...], "asyncio.Future[None]"]]) -> None:
        try:
            await self._write([one for statements, _ in batch for one in statements])
        except Exception as error:  # noqa: BLE001 - whatever it is: nobody may wait for ever
            if len(batch) == 1:
                _fail(batch[0][1], error if isinstance(error, StoreError) else StoreError(f"a write failed: {type(error).__name__}"))
                return
            for one in batch:  # one of them may be at fault, and must not cost the others
                await self._commit([one])
        else:
            for _, done in batch:
                if not done.done():
                    done.set_result(None)

    async def _write(self, statements: list[Statement]) -> None:
        self.commits += 1
        ordered = sorted(statements, key=lambda one: one.write.rank)
        await self._database.write_all(
            [(write.sql, [one.params for one in rows]) for write, rows in groupby(ordered, lambda one: one.write)]
        )


def _fail(done: "asyncio.Future[None]", error: StoreError) -> None:
    if not done.done():
        done.set_exception(error)
        done.exception()  # a caller that was cancelled does not look at it
