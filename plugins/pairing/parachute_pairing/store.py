"""The table of requests. Each change of a status is one compare-and-set: it says from which status, and tells whether it took place."""

from typing import Final

from parachute_core import Clock, PluginStore, TrustLevel
from parachute_pairing.expiry import oldest_alive
from parachute_pairing.request import PairingRequest, RequestStatus
from parachute_pairing.table import MIGRATIONS, as_request, as_text

HISTORY: Final = 10_000
"""Requests that are kept, newest first; resolved ones before that are dropped when a new one is opened."""
LONGEST_LIST: Final = 1000
"""Requests that one listing of resolved ones holds."""

Key = dict[str, object]


class PairingStore:
    """Reads and writes the requests; decides nothing and tells nobody."""

    def __init__(self, store: PluginStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def migrate(self) -> None:
        """Make or update the table."""
        await self._store.migrate(MIGRATIONS)

    async def get(self, request_id: str) -> PairingRequest | None:
        """The request, or None."""
        row = await self._store.fetch_one("SELECT * FROM pairing_requests WHERE id = :id", {"id": request_id})
        return None if row is None else as_request(row)

    async def pending_of(self, platform: str, user_id: str) -> PairingRequest | None:
        """The user's one pending request, or None."""
        row = await self._store.fetch_one(
            "SELECT * FROM pairing_requests WHERE platform = :platform AND platform_user_id = :user_id AND status = 'pending'",
            {"platform": platform, "user_id": user_id},
        )
        return None if row is None else as_request(row)

    async def pending(self) -> list[PairingRequest]:
        """Every pending request, newest first."""
        rows = await self._store.fetch_all("SELECT * FROM pairing_requests WHERE status = 'pending' ORDER BY seq DESC")
        return [as_request(row) for row in rows]

    async def history(self, status: RequestStatus | None) -> list[PairingRequest]:
        """The newest `LONGEST_LIST` requests of this status, or of any, newest first."""
        rows = await self._store.fetch_all(
            "SELECT * FROM pairing_requests WHERE :status = 'all' OR status = :status ORDER BY seq DESC LIMIT :longest",
            {"status": "all" if status is None else status.value, "longest": LONGEST_LIST},
        )
        return [as_request(row) for row in rows]

    async def count_pending(self) -> int:
        """How many requests are pending."""
        row = await self._store.fetch_one("SELECT COUNT(*) AS pending FROM pairing_requests WHERE status = 'pending'")
        return 0 if row is None else int(row["pending"])

    async def open(self, request: PairingRequest, max_pending: int) -> bool:
        """Add a pending request. False: `max_pending` are pending, or this user has one; nothing was added."""
        row: Key = {
            "id": request.id,
            "platform": request.platform,
            "user_id": request.user_id,
            "display": request.user_display,
            "chat_id": request.chat_id,
            "created_at": as_text(request.created_at),
            "max_pending": max_pending,
            "history": HISTORY,
        }
        async with self._store.transaction() as transaction:
            added = await transaction.execute(
                "INSERT INTO pairing_requests"
                " (id, seq, platform, platform_user_id, platform_user_display, platform_chat_id, status, created_at)"
                " SELECT :id, (SELECT COALESCE(MAX(seq), 0) + 1 FROM pairing_requests),"
                " :platform, :user_id, :display, :chat_id, 'pending', :created_at"
                " WHERE (SELECT COUNT(*) FROM pairing_requests WHERE status = 'pending') < :max_pending"
                " AND NOT EXISTS (SELECT 1 FROM pairing_requests"
                " WHERE platform = :platform AND platform_user_id = :user_id AND status = 'pending')",
                row,
            )
            if added:
                await transaction.execute(
                    "DELETE FROM pairing_requests WHERE seq <= (SELECT MAX(seq) FROM pairing_requests) - :history"
                    " AND status <> 'pending' AND NOT (status = 'approved' AND applied = 0)",
                    row,
                )
        return added == 1

    async def remind(self, request_id: str, nudges: int) -> bool:
        """Count one more reminder. False: it is pending no more, or has had `nudges`."""
        return await self._change(
            "UPDATE pairing_requests SET nudges = nudges + 1 WHERE id = :id AND status = 'pending' AND nudges < :nudges",
            {"id": request_id, "nudges": nudges},
        )

    async def approve(self, request_id: str, trust_level: TrustLevel) -> bool:
        """pending → approved, still to be applied to the allowlist. False: it was not pending."""
        return await self._change(
            "UPDATE pairing_requests SET status = 'approved', approved_trust_level = :trust_level, applied = 0,"
            " resolved_at = :now, resolved_by = 'owner' WHERE id = :id AND status = 'pending'",
            {"id": request_id, "trust_level": trust_level.value, "now": self._now()},
        )

    async def mark_applied(self, request_id: str) -> bool:
        """Note that the allowlist holds what was approved."""
        return await self._change("UPDATE pairing_requests SET applied = 1 WHERE id = :id AND status = 'approved'", {"id": request_id})

    async def not_applied(self) -> list[PairingRequest]:
        """The approved requests that the allowlist may not hold, oldest first."""
        rows = await self._store.fetch_all("SELECT * FROM pairing_requests WHERE status = 'approved' AND applied = 0 ORDER BY seq")
        return [as_request(row) for row in rows]

    async def put_back(self, request_id: str) -> bool:
        """approved, not applied → pending again, or expired if its user has a newer pending one. False: it is not so."""
        return await self._change(
            "UPDATE pairing_requests SET status = CASE WHEN EXISTS (SELECT 1 FROM pairing_requests AS newer"
            " WHERE newer.platform = pairing_requests.platform AND newer.platform_user_id = pairing_requests.platform_user_id"
            " AND newer.status = 'pending') THEN 'expired' ELSE 'pending' END,"
            " approved_trust_level = NULL, resolved_at = NULL, resolved_by = NULL"
            " WHERE id = :id AND status = 'approved' AND applied = 0",
            {"id": request_id},
        )

    async def withdraw_approvals(self, platform: str, user_id: str) -> None:
        """See to it that no approval of this user is applied later: a revoked user stays revoked."""
        await self._change(
            "UPDATE pairing_requests SET applied = 1"
            " WHERE platform = :platform AND platform_user_id = :user_id AND status = 'approved' AND applied = 0",
            {"platform": platform, "user_id": user_id},
        )

    async def deny(self, request_id: str) -> bool:
        """pending → denied. False: it was not pending."""
        return await self._change(
            "UPDATE pairing_requests SET status = 'denied', resolved_at = :now, resolved_by = 'owner'"
            " WHERE id = :id AND status = 'pending'",
            {"id": request_id, "now": self._now()},
        )

    async def get_expired_pairing_requests(self, ttl_days: float) -> list[PairingRequest]:
        """The requests that are pending still and older than `ttl_days`, oldest first."""
        rows = await self._store.fetch_all(
            "SELECT * FROM pairing_requests WHERE status = 'pending' AND created_at < :oldest ORDER BY seq",
            {"oldest": as_text(oldest_alive(self._clock.now(), ttl_days))},
        )
        return [as_request(row) for row in rows]

    async def expire_pairing_request(self, request_id: str) -> bool:
        """pending → expired. False: it was not pending."""
        return await self._change(
            "UPDATE pairing_requests SET status = 'expired', resolved_at = :now WHERE id = :id AND status = 'pending'",
            {"id": request_id, "now": self._now()},
        )

    async def _change(self, sql: str, params: Key) -> bool:
        async with self._store.transaction() as transaction:
            return await transaction.execute(sql, params) > 0

    def _now(self) -> str:
        return as_text(self._clock.now())
