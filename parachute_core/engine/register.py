"""The one place where decisions are put on record, and where it is known on whose behalf something is done."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace

from parachute_core.engine.ledger import Ledger
from parachute_core.model.decision import CORE, Decision
from parachute_core.model.errors import StoreError
from parachute_core.model.redaction import Redactor
from parachute_core.store.audit import AuditLog
from parachute_core.store.group_commit import Statement

_acting: ContextVar[str] = ContextVar("acting", default=CORE)

log = logging.getLogger(__name__)


def acts(who: str) -> None:
    """From here on this task does what `who` wants."""
    _acting.set(who)


@contextmanager
def acting(who: str) -> Iterator[None]:
    """What is decided inside is decided by `who`."""
    token = _acting.set(who)
    try:
        yield
    finally:
        _acting.reset(token)


def actor() -> str:
    """Who acts at this moment."""
    return _acting.get()


@contextmanager
def by_plugin(name: str) -> Iterator[None]:
    """What a plugin decides inside is decided by it, unless it was the owner who asked it to."""
    with acting(name if actor() == CORE else actor()):
        yield


class Register:
    """Puts decisions on record. That one cannot be written never stops it; the log says so."""

    def __init__(self, audit: AuditLog, ledger: Ledger, redactor: Redactor) -> None:
        self._audit = audit
        self._ledger = ledger
        self._redactor = redactor
        self._writing: set[asyncio.Task[None]] = set()

    def row(self, decision: Decision) -> Statement:
        """What writes it, for whoever commits something with it."""
        why = self._redactor(decision.why) if decision.why else None
        return self._audit.put(replace(decision, why=why), decision.who or actor())

    def note(self, decision: Decision) -> None:
        """Put it on record right after it was made; returns at once."""
        task = asyncio.create_task(self._write(self.row(decision)))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def flush(self) -> None:
        """Return once everything that was noted so far is written, or known not to be."""
        if self._writing:
            await asyncio.wait(set(self._writing))

    async def _write(self, row: Statement) -> None:
        try:
            await self._ledger.write(beside=[row])
        except StoreError as error:
            log.error("a decision could not be put on record", extra={"error": str(error)})
