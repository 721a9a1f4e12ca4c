"""Who is blocked: in the table, and in memory so that asking costs nothing."""

from dataclasses import dataclass, field
from datetime import datetime

from parachute_core import Clock, PluginStore, Row
from parachute_pairing.table import as_text


@dataclass(frozen=True, slots=True)
class BlockedPerson:
    """One person whose messages are dropped."""

    platform: str
    user_id: str
    blocked_at: datetime
    user_display: str | None = field(default=None, repr=False)
    """The name shown in the request that was blocked, cleaned and cut; untrusted. None: blocked by id alone."""


class Blocked:
    """Reads and writes the list; decides nothing."""

    def __init__(self, store: PluginStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._people: set[tuple[str, str]] = set()

    async def load(self) -> None:
        """Read the table. Raises `StoreError`."""
        rows = await self._store.fetch_all("SELECT platform, user_id FROM pairing_blocked")
        self._people = {(row["platform"], row["user_id"]) for row in rows}

    def has(self, platform: str, user_id: str) -> bool:
        """Whether this person is blocked."""
        return (platform, user_id) in self._people

    async def everyone(self) -> list[BlockedPerson]:
        """All who are blocked, the newest first."""
        rows = await self._store.fetch_all("SELECT * FROM pairing_blocked ORDER BY blocked_at DESC, platform, user_id")
        return [_as_person(row) for row in rows]

    async def find(self, platform: str, user_id: str) -> BlockedPerson | None:
        """This person's entry, or None."""
        row = await self._store.fetch_one(
            "SELECT * FROM pairing_blocked WHERE platform = :platform AND user_id = :user_id",
            {"platform": platform, "user_id": user_id},
        )
        return None if row is None else _as_person(row)

    async def add(self, platform: str, user_id: str, display: str | None) -> bool:
        """Block, and close the person's pending request with it. False: blocked already, and nothing was changed."""
        key: dict[str, object] = {"platform": platform, "user_id": user_id, "display": display, "now": as_text(self._clock.now())}
        async with self._store.transaction() as transaction:
            added = await transaction.execute(
                "INSERT INTO pairing_blocked (platform, user_id, user_display, blocked_at) VALUES (:platform, :user_id, :display, :now)"
                " ON CONFLICT (platform, user_id) DO NOTHING",
                key,
            )
            await transaction.execute(
                "UPDATE pairing_requests SET status = 'denied', resolved_at = :now, resolved_by = 'owner'"
                " WHERE platform = :platform AND platform_user_id = :user_id AND status = 'pending'",
                key,
            )
        self._people.add((platform, user_id))
        return added == 1

    async def remove(self, platform: str, user_id: str) -> bool:
        """Block no more. False: was not blocked."""
        async with self._store.transaction() as transaction:
            removed = await transaction.execute(
                "DELETE FROM pairing_blocked WHERE platform = :platform AND user_id = :user_id",
                {"platform": platform, "user_id": user_id},
            )
        self._people.discard((platform, user_id))
        return removed == 1


def _as_person(row: Row) -> BlockedPerson:
    return BlockedPerson(row["platform"], row["user_id"], datetime.fromisoformat(row["blocked_at"]), row["user_display"])
