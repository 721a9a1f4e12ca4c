"""The table of requests. Each change of a status is one compare-and-set: it says from which status, and tells whether it took place."""

from datetime import timedelta
from typing import Final

from parachute_core import Clock, PluginStore
from parachute_pairing.errors import UnknownRequest
from parachute_pairing.expiry import oldest_alive
from parachute_pairing.request import PairingRequest, RequestStatus
from parachute_pairing.settings import Settings
from parachute_pairing.table import FORGET_OLDEST, HISTORY, MIGRATIONS, Key, as_request, as_text, change, row_of

LONGEST_LIST: Final = 1000
"""Requests that one listing of resolved ones holds."""


class PairingStore:
    """Reads the requests, and writes all of them but approvals; decides nothing and tells nobody."""

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

    async def found(self, request_id: str) -> PairingRequest:
        """The request with this id. Raises `UnknownRequest`."""
        request = await self.get(request_id)
        if request is None:
            raise UnknownRequest(f"there is no pairing request {request_id}")
        return request

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
        row = row_of(request) | self._bounds(limits)
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

    async def remind(self, request_id: str, nudges: int) -> bool:
        """Count one more reminder. False: it is pending no more, or has had `nudges`."""
        return await change(
            self._store,
            "UPDATE pairing_requests SET nudges = nudges + 1 WHERE id = :id AND status = 'pending' AND nudges < :nudges",
            {"id": request_id, "nudges": nudges},
        )

    async def deny(self, request_id: str) -> bool:
        """pending → denied. False: it was not pending."""
        return await change(
            self._store,
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
        return await change(
            self._store,
            "UPDATE pairing_requests SET status = 'expired', resolved_at = :now WHERE id = :id AND status = 'pending'",
            {"id": request_id, "now": self._now()},
        )

    def _bounds(self, limits: Settings) -> Key:
        lately = as_text(self._clock.now() - timedelta(hours=1))
        return {"max_pending": limits.max_pending, "max_per_hour": limits.max_per_hour, "lately": lately}

    def _now(self) -> str:
        return as_text(self._clock.now())
