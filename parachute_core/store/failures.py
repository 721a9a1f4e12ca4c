"""The messages that did not reach anybody."""

from dataclasses import dataclass
from datetime import datetime

from parachute_core.clock import Clock
from parachute_core.model.outgoing import Outgoing
from parachute_core.store.database import Database
from parachute_core.store.timestamps import from_text, to_text

KEPT = 1000
"""Newest failures that are kept."""

INSERT = """
INSERT INTO failed_sends (number, at, platform, chat_id, kind, purpose, error)
VALUES (
    (SELECT COALESCE(MAX(number), 0) + 1 FROM failed_sends),
    :at, :platform, :chat_id, :kind, :purpose, :error
)"""
TRIM = "DELETE FROM failed_sends WHERE number <= (SELECT MAX(number) FROM failed_sends) - :kept"
RECENT = "SELECT at, platform, chat_id, kind, purpose, error FROM failed_sends ORDER BY number DESC LIMIT :limit"


@dataclass(frozen=True, slots=True)
class FailedSend:
    """One call that was given up. Never its content."""

    at: datetime
    """When it was given up: aware, UTC."""
    platform: str
    chat_id: str
    kind: str
    """A `SendKind`'s value."""
    purpose: str
    """A `Purpose`'s value."""
    error: str
    """The error's class name."""


class FailedSends:
    """The newest `KEPT` failures. Every method raises `StoreError` when the database fails."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def record(self, outgoing: Outgoing, error: BaseException) -> None:
        """Remember that this call was given up, and by which class of error."""
        async with self._database.transaction() as transaction:
            await transaction.execute(
                INSERT,
                {
                    "at": to_text(self._clock.now()),
                    "platform": outgoing.platform,
                    "chat_id": outgoing.chat_id,
                    "kind": outgoing.kind.value,
                    "purpose": outgoing.purpose.value,
                    "error": type(error).__name__,
                },
            )
            await transaction.execute(TRIM, {"kept": KEPT})

    async def recent(self, limit: int) -> list[FailedSend]:
        """At most `limit` failures, newest first."""
        rows = await self._database.fetch_all(RECENT, {"limit": limit})
        return [FailedSend(**{**row, "at": from_text(row["at"])}) for row in rows]
