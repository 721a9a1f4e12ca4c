"""The table of requests. Each change of a status is one compare-and-set: it says from which status, and tells whether it took place."""

from datetime import datetime, timedelta
from typing import Final

from parachute_core import Clock, PluginStore, Transaction, TrustLevel
from parachute_pairing.expiry import oldest_alive
from parachute_pairing.request import BY_INVITATION, PairingRequest, RequestStatus
from parachute_pairing.settings import Settings
from parachute_pairing.table import MIGRATIONS, as_moment, as_request, as_text

HISTORY: Final = 10_000
"""Requests that are kept, newest first; resolved ones before that are dropped when a new one is opened."""
LONGEST_LIST: Final = 1000
"""Requests that one listing of resolved ones holds."""

BEGIN_TERM: Final = (
    "INSERT INTO pairing_terms (platform, user_id, until)"
    " SELECT platform, platform_user_id, grant_until FROM pairing_requests WHERE id = :id AND grant_until IS NOT NULL"
)
END_TERM: Final = (
    "DELETE FROM pairing_terms WHERE EXISTS (SELECT 1 FROM pairing_requests AS theirs WHERE theirs.id = :id"
    " AND theirs.platform = pairing_terms.platform AND theirs.platform_user_id = pairing_terms.user_id)"
)

FORGET_OLDEST: Final = (
    "DELETE FROM pairing_requests WHERE seq <= (SELECT MAX(seq) FROM pairing_requests) - :history"
    " AND status <> 'pending' AND NOT (status = 'approved' AND applied = 0)"
)

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

    async def has_room(self, platform: str, limits: Settings) -> bool:
        """Whether a stranger of this platform may make a request now, what has expired left out."""
        row = await self._store.fetch_one(
            "SELECT (SELECT COUNT(*) FROM pairing_requests WHERE status = 'pending' AND created_at >= :oldest) < :max_pending"
            " AND (SELECT COUNT(*) FROM pairing_requests WHERE platform = :platform AND created_at > :lately"
            " AND COALESCE(resolved_by, '') <> 'invitation') < :max_per_hour AS room",
            {"platform": platform, "oldest": as_text(oldest_alive(self._clock.now(), limits.ttl_days)), **self._bounds(limits)},
        )
        return row is not None and bool(row["room"])

    async def open(self, request: PairingRequest, limits: Settings) -> bool:
        """Add a pending request. False: there is no room, or this user has one; nothing was added."""
        row = _row(request) | self._bounds(limits)
        async with self._store.transaction() as transaction:
            added = await transaction.execute(
                "INSERT INTO pairing_requests"
                " (id, seq, platform, platform_user_id, platform_user_display, platform_chat_id, status, created_at, preview)"
                " SELECT :id, (SELECT COALESCE(MAX(seq), 0) + 1 FROM pairing_requests),"
                " :platform, :user_id, :display, :chat_id, 'pending', :created_at, :preview"
                " WHERE (SELECT COUNT(*) FROM pairing_requests WHERE status = 'pending') < :max_pending"
                " AND (SELECT COUNT(*) FROM pairing_requests WHERE platform = :platform AND created_at > :lately"
                " AND COALESCE(resolved_by, '') <> 'invitation') < :max_per_hour"
                " AND NOT EXISTS (SELECT 1 FROM pairing_requests"
                " WHERE platform = :platform AND platform_user_id = :user_id AND status = 'pending')",
                row,
            )
            if added:
                await transaction.execute(FORGET_OLDEST, {"history": HISTORY})
        return added == 1

    async def admit(self, transaction: Transaction, request: PairingRequest) -> None:
        """Within a transaction: the person of `request` (a pending one, or a new one) is approved, still to be applied to the allowlist."""
        row = _row(request) | {"now": self._now(), "resolved_by": BY_INVITATION, "history": HISTORY}
        await transaction.execute(
            "INSERT INTO pairing_requests (id, seq, platform, platform_user_id, platform_user_display, platform_chat_id, status,"
            " approved_trust_level, created_at, resolved_at, resolved_by)"
            " VALUES (:id, (SELECT COALESCE(MAX(seq), 0) + 1 FROM pairing_requests), :platform, :user_id, :display, :chat_id,"
            " 'approved', :trust_level, :created_at, :now, :resolved_by)"
            " ON CONFLICT (id) DO UPDATE SET status = 'approved', approved_trust_level = :trust_level,"
            " resolved_at = :now, resolved_by = :resolved_by",
            row,
        )
        await transaction.execute(END_TERM, row)
        await transaction.execute(FORGET_OLDEST, row)

    async def remind(self, request_id: str, nudges: int) -> bool:
        """Count one more reminder. False: it is pending no more, or has had `nudges`."""
        return await self._change(
            "UPDATE pairing_requests SET nudges = nudges + 1 WHERE id = :id AND status = 'pending' AND nudges < :nudges",
            {"id": request_id, "nudges": nudges},
        )

    async def approve(self, request_id: str, trust_level: TrustLevel, until: datetime | None = None) -> bool:
        """pending → approved, `until` then if it is given, still to be applied to the allowlist. False: it was not pending."""
        key: Key = {"id": request_id, "trust_level": trust_level.value, "now": self._now(), "until": until and as_text(until)}
        async with self._store.transaction() as transaction:
            changed = await transaction.execute(
                "UPDATE pairing_requests SET status = 'approved', approved_trust_level = :trust_level, applied = 0,"
                " grant_until = :until, resolved_at = :now, resolved_by = 'owner' WHERE id = :id AND status = 'pending'",
                key,
            )
            if changed:
                await transaction.execute(END_TERM, key)
                await transaction.execute(BEGIN_TERM, key)
        return changed == 1

    async def mark_applied(self, request_id: str) -> bool:
        """Note that the allowlist holds what was approved."""
        return await self._change("UPDATE pairing_requests SET applied = 1 WHERE id = :id AND status = 'approved'", {"id": request_id})

    async def not_applied(self) -> list[PairingRequest]:
        """The approved requests that the allowlist may not hold, oldest first."""
        rows = await self._store.fetch_all("SELECT * FROM pairing_requests WHERE status = 'approved' AND applied = 0 ORDER BY seq")
        return [as_request(row) for row in rows]

    async def put_back(self, request_id: str) -> bool:
        """approved, not applied → pending again, or expired if its user has a newer pending one. False: it is not so."""
        async with self._store.transaction() as transaction:
            changed = await transaction.execute(
                "UPDATE pairing_requests SET status = CASE WHEN EXISTS (SELECT 1 FROM pairing_requests AS newer"
                " WHERE newer.platform = pairing_requests.platform AND newer.platform_user_id = pairing_requests.platform_user_id"
                " AND newer.status = 'pending') THEN 'expired' ELSE 'pending' END,"
                " approved_trust_level = NULL, grant_until = NULL, resolved_at = NULL, resolved_by = NULL"
                " WHERE id = :id AND status = 'approved' AND applied = 0",
                {"id": request_id},
            )
            if changed:
                await transaction.execute(END_TERM, {"id": request_id})
        return changed == 1

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

    async def notice(self, moment: datetime) -> list[PairingRequest]:
        """Note that the owner is told at this moment of the pending requests of which nobody was told yet; returns them, oldest first."""
        key: Key = {"moment": as_text(moment)}
        async with self._store.transaction() as transaction:
            await transaction.execute(
                "UPDATE pairing_requests SET noticed_at = :moment WHERE status = 'pending' AND noticed_at IS NULL", key
            )
            rows = await transaction.fetch_all(
                "SELECT * FROM pairing_requests WHERE noticed_at = :moment AND status = 'pending' ORDER BY seq", key
            )
        return [as_request(row) for row in rows]

    async def unnotice(self, moment: datetime) -> None:
        """The owner could not be told at this moment."""
        await self._change("UPDATE pairing_requests SET noticed_at = NULL WHERE noticed_at = :moment", {"moment": as_text(moment)})

    async def last_notice(self) -> datetime | None:
        """When the owner was told last of a request that is kept; None: never."""
        row = await self._store.fetch_one("SELECT MAX(noticed_at) AS moment FROM pairing_requests")
        return None if row is None else as_moment(row["moment"])

    def _bounds(self, limits: Settings) -> Key:
        lately = as_text(self._clock.now() - timedelta(hours=1))
        return {"max_pending": limits.max_pending, "max_per_hour": limits.max_per_hour, "lately": lately}

    async def _change(self, sql: str, params: Key) -> bool:
        async with self._store.transaction() as transaction:
            return await transaction.execute(sql, params) > 0

    def _now(self) -> str:
        return as_text(self._clock.now())


def _row(request: PairingRequest) -> Key:
    level = request.approved_trust_level
    return {
        "id": request.id,
        "platform": request.platform,
        "user_id": request.user_id,
        "display": request.user_display,
        "chat_id": request.chat_id,
        "created_at": as_text(request.created_at),
        "preview": request.preview,
        "trust_level": level.value if level is not None else None,
    }
