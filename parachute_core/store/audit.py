"""The audit log: who decided what, when, about whom, and why. Bounded; the newest stay."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from parachute_core.clock import Clock
from parachute_core.model.decision import Decision
from parachute_core.store.database import Database
from parachute_core.store.group_commit import Statement, Write
from parachute_core.store.timestamps import from_text, to_text

KEPT = 100_000
"""Entries that are kept; the older ones go when the house is kept."""
LONGEST_WHY = 500
"""Characters of an entry's reason."""

PUT = Write(
    9,
    """
INSERT INTO audit (at, who, what, platform, chat_id, user_id, session_id, delivery, request_id, why)
VALUES (:at, :who, :what, :platform, :chat_id, :user_id, :session_id, :delivery, :request_id, :why)""",
)
FILTERS = ("user_id", "chat_id", "what", "who", "platform")
COLUMNS = "id, at, who, what, platform, chat_id, user_id, session_id, delivery, request_id, why"
PURGE = "DELETE FROM audit WHERE id <= (SELECT MAX(id) FROM audit) - :kept"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the log; see `Decision`."""

    id: int
    at: datetime
    """Aware, UTC."""
    who: str
    what: str
    platform: str | None
    chat_id: str | None
    user_id: str | None
    session_id: str | None
    delivery: int | None
    request_id: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class Sought:
    """What entries are looked for; None: whatever stands there."""

    who: str | None = None
    what: str | None = None
    platform: str | None = None
    chat_id: str | None = None
    user_id: str | None = None


class AuditLog:
    """The audit table. Reads raise `StoreError`; writes are statements for a group commit."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def put(self, decision: Decision, who: str) -> Statement:
        """Write that this was decided now."""
        return Statement(
            PUT,
            {
                "at": to_text(self._clock.now()),
                "who": who,
                "what": decision.what.value,
                "platform": decision.platform,
                "chat_id": decision.chat_id,
                "user_id": decision.user_id,
                "session_id": decision.session_id,
                "delivery": decision.delivery,
                "request_id": decision.request_id,
                "why": decision.why[:LONGEST_WHY] if decision.why else None,
            },
        )

    async def page(self, sought: Sought, limit: int, offset: int) -> list[Entry]:
        """Such entries, newest first: `limit` of them after the first `offset`."""
        asked = {name: value for name in FILTERS if (value := getattr(sought, name)) is not None}
        rows = await self._database.fetch_all(page_query(asked), {**asked, "limit": limit, "offset": offset})
        return [Entry(**{**row, "at": from_text(row["at"])}) for row in rows]

    def newest(self) -> int:
        """The number of the newest entry; 0 without any."""
        row = self._database.read_one("SELECT COALESCE(MAX(id), 0) AS id FROM audit")
        return int(row["id"]) if row else 0

    async def purge(self) -> None:
        """Forget all but the newest. Raises `StoreError`."""
        await self._database.execute(PURGE, {"kept": KEPT})


def page_query(filters: Iterable[str]) -> str:
    """The query of one page; only what is asked for stands in it, so that the index of a filter is used."""
    wanted = " AND ".join(f"{name} = :{name}" for name in filters) or "TRUE"
    return f"SELECT {COLUMNS} FROM audit WHERE {wanted} ORDER BY id DESC LIMIT :limit OFFSET :offset"  # noqa: S608 - constants
