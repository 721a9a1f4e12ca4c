"""The outbox as its owner looks at it: what waits, what is held, what never arrived. Never what was in it."""

from dataclasses import dataclass
from datetime import datetime

from parachute_core.store.database import Database
from parachute_core.store.timestamps import from_text

COLUMNS = "id, changed_at AS at, platform, chat_id, kind, purpose, state, tries, not_before, error, reason"
TROUBLED = "(state IN ('held', 'dead') OR (state IN ('queued', 'sending') AND error IS NOT NULL))"
RECENT = f"SELECT {COLUMNS} FROM outbox WHERE {TROUBLED} ORDER BY changed_at DESC, id DESC LIMIT :limit"  # noqa: S608 - constants
PAGE = f"""
SELECT {COLUMNS} FROM outbox WHERE state IN ('queued', 'sending', 'held', 'dead')
    AND (:state IS NULL OR state = :state OR (:state = 'queued' AND state = 'sending'))
    AND (:platform IS NULL OR platform = :platform) AND (:chat_id IS NULL OR chat_id = :chat_id)
ORDER BY id DESC LIMIT :limit OFFSET :offset"""  # noqa: S608 - constants
COUNTS = "SELECT state, COUNT(*) AS count FROM outbox WHERE state IN ('queued', 'sending', 'held', 'dead') GROUP BY state"
OLDEST = "SELECT MIN(created_at) AS since FROM outbox WHERE state IN ('queued', 'sending')"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One call that did not arrive, or not yet. Never its content."""

    id: int
    at: datetime
    """When something last happened to it: aware, UTC."""
    platform: str
    chat_id: str
    kind: str
    """A `SendKind`'s value."""
    purpose: str
    """A `Purpose`'s value."""
    state: str
    """A `ParcelState`'s value; `queued` also while a call is under way."""
    tries: int
    not_before: datetime | None
    """It is not tried again before then: aware, UTC."""
    error: str | None
    """The class of the error that it waits or was given up for; None: it was not tried yet."""
    reason: str | None
    """The same in words."""


class DeliveryList:
    """What is in the outbox and not through. Every method raises `StoreError` when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recent(self, limit: int) -> list[Delivery]:
        """At most `limit` calls that met with trouble and have not arrived, the latest trouble first."""
        return [_delivery(row) for row in await self._database.fetch_all(RECENT, {"limit": limit})]

    async def page(self, state: str | None, platform: str | None, chat_id: str | None, limit: int, offset: int) -> list[Delivery]:
        """What waits, is held or dead (None: all of that), newest first: `limit` of them after the first `offset`."""
        params = {"state": state, "platform": platform, "chat_id": chat_id, "limit": limit, "offset": offset}
        return [_delivery(row) for row in await self._database.fetch_all(PAGE, params)]

    async def counts(self) -> dict[str, int]:
        """How many there are of `queued`, `held` and `dead`."""
        found = {"queued": 0, "held": 0, "dead": 0}
        for row in await self._database.fetch_all(COUNTS):
            found["queued" if row["state"] == "sending" else row["state"]] += row["count"]
        return found

    async def oldest(self) -> datetime | None:
        """Since when the oldest that is queued waits: aware, UTC; None where none is."""
        row = await self._database.fetch_one(OLDEST)
        return from_text(row["since"]) if row and row["since"] else None


def _delivery(row: object) -> Delivery:
    fields = dict(row)  # type: ignore[call-overload]
    fields["state"] = "queued" if fields["state"] == "sending" else fields["state"]
    fields["at"] = from_text(fields["at"])
    fields["not_before"] = from_text(fields["not_before"]) if fields["not_before"] else None
    return Delivery(**fields)
