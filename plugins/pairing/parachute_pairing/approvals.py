"""Approvals in the table of requests: given in one step, applied to the allowlist after it, so that a crash in between is mended."""

from datetime import datetime
from typing import Final

from parachute_core import Clock, PluginStore, Transaction, TrustLevel
from parachute_pairing.request import BY_INVITATION, PairingRequest
from parachute_pairing.table import FORGET_OLDEST, HISTORY, Key, as_request, as_text, change, row_of

BEGIN_TERM: Final = (
    "INSERT INTO pairing_terms (platform, user_id, until)"
    " SELECT platform, platform_user_id, grant_until FROM pairing_requests WHERE id = :id AND grant_until IS NOT NULL"
)
END_TERM: Final = (
    "DELETE FROM pairing_terms WHERE EXISTS (SELECT 1 FROM pairing_requests AS theirs WHERE theirs.id = :id"
    " AND theirs.platform = pairing_terms.platform AND theirs.platform_user_id = pairing_terms.user_id)"
)
GIVE_BACK: Final = "UPDATE pairing_invites SET used_at = NULL, request_id = NULL WHERE request_id = :id"


class Approvals:
    """Writes approvals, and until when each lasts; decides nothing and tells nobody."""

    def __init__(self, store: PluginStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

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

    async def admit(self, transaction: Transaction, request: PairingRequest) -> None:
        """Within a transaction: the person of `request` (a pending one, or a new one) is approved, still to be applied to the allowlist."""
        row = row_of(request) | {"now": self._now(), "resolved_by": BY_INVITATION, "history": HISTORY}
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

    async def mark_applied(self, request_id: str) -> bool:
        """Note that the allowlist holds what was approved."""
        return await change(
            self._store, "UPDATE pairing_requests SET applied = 1 WHERE id = :id AND status = 'approved'", {"id": request_id}
        )

    async def not_applied(self) -> list[PairingRequest]:
        """The approved requests that the allowlist may not hold, oldest first."""
        rows = await self._store.fetch_all("SELECT * FROM pairing_requests WHERE status = 'approved' AND applied = 0 ORDER BY seq")
        return [as_request(row) for row in rows]

    async def put_back(self, request_id: str) -> bool:
        """approved, not applied → pending again, or expired if its user has a newer pending one; an invitation that was used for it
        is open again. False: it is not so.
        """
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
                await transaction.execute(GIVE_BACK, {"id": request_id})
        return changed == 1

    async def withdraw_approvals(self, platform: str, user_id: str) -> None:
        """See to it that no approval of this user is applied later: a revoked user stays revoked."""
        await change(
            self._store,
            "UPDATE pairing_requests SET applied = 1"
            " WHERE platform = :platform AND platform_user_id = :user_id AND status = 'approved' AND applied = 0",
            {"platform": platform, "user_id": user_id},
        )

    def _now(self) -> str:
        return as_text(self._clock.now())
