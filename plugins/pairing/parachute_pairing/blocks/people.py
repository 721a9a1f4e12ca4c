"""Who is blocked: kept in the table, and shut out by the core."""

from dataclasses import dataclass, field
from datetime import datetime

from parachute_core import Access, Clock, PluginStore, Row
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

    def __init__(self, store: PluginStore, access: Access, clock: Clock) -> None:
        self._store = store
        self._access = access
        self._clock = clock

    async def load(self) -> None:
        """Shut out everyone in the table. Raises `StoreError`."""
        for person in await self.everyone():
            self._access.shut_out(person.platform, person.user_id)

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
        self._access.shut_out(platform, user_id)
        return added == 1

    async def remove(self, platform: str, user_id: str) -> bool:
        """Block no more. False: was not blocked."""
        async with self._store.transaction() as transaction:
            removed = await transaction.execute(
                "DELETE FROM pairing_blocked WHERE platform = :platform AND user_id = :user_id",
                {"platform": platform, "user_id": user_id},
            )
        self._access.readmit(platform, user_id)
        return removed == 1


def _as_person(row: Row) -> BlockedPerson:
    return BlockedPerson(row["platform"], row["user_id"], datetime.fromisoformat(row["blocked_at"]), row["user_display"])
