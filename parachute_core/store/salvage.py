"""What of the journal cannot be read any more: put aside with a reason, so that it stops neither the start nor anything else."""

import logging
from typing import Any

from parachute_core.model.errors import StoreError
from parachute_core.store.database import Database
from parachute_core.store.frozen import Frozen
from parachute_core.store.inbox import ASIDE, MESSAGE
from parachute_core.store.outbox import PARCEL
from parachute_core.store.timestamps import to_text

UNREADABLE = "its record cannot be read"

WAITING = "SELECT id AS number, parcel AS record FROM outbox WHERE state IN ('queued', 'sending')"
TAKEN = "SELECT number, message AS record FROM inbox WHERE state = 'taken'"
DEAD = """
UPDATE outbox SET state = 'dead', error = 'StoreError', reason = :reason, changed_at = :at
WHERE id = :number AND state IN ('queued', 'sending')"""
SETTLE = """
UPDATE inbox SET state = 'settled', message = NULL
WHERE state = 'taken' AND number = (SELECT inbox FROM outbox WHERE id = :number AND last = 1)"""

log = logging.getLogger(__name__)


async def salvage(database: Database) -> None:
    """Before anything is taken up: what waits in the outbox and cannot be read is dead, a message that cannot be read is set aside.

    Raises `StoreError` when the database fails.
    """
    dead = _unreadable(await database.fetch_all(WAITING), PARCEL)
    aside = _unreadable(await database.fetch_all(TAKEN), MESSAGE)
    if not dead and not aside:
        return
    log.error("records of the journal cannot be read and are put aside", extra={"outbox": dead, "inbox": aside})
    async with database.transaction() as transaction:
        for number in dead:
            await transaction.execute(DEAD, {"number": number, "reason": UNREADABLE, "at": to_text(database.clock.now())})
            await transaction.execute(SETTLE, {"number": number})
        for number in aside:
            await transaction.execute(ASIDE.sql, {"number": number, "reason": UNREADABLE})


def _unreadable(rows: list[Any], kind: Frozen[Any]) -> list[int]:
    return [row["number"] for row in rows if not _readable(row["record"], kind)]


def _readable(record: str | None, kind: Frozen[Any]) -> bool:
    try:
        return record is not None and kind.load(record) is not None
    except StoreError:
        return False
