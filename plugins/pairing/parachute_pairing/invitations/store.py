"""The table of invitations."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from parachute_core import Clock, PluginStore, Row, TrustLevel
from parachute_pairing.approvals import Approvals
from parachute_pairing.invitations.invite import Invite, InviteStatus
from parachute_pairing.request import PairingRequest
from parachute_pairing.table import as_moment, as_text

MOST_OPEN: Final = 200
"""Invitations that may be open at once."""
HISTORY: Final = 1000
"""Invitations that are kept; those that are open no more go first, the oldest before others."""


class InviteStore:
    """Reads and writes invitations; decides nothing and tells nobody."""

    def __init__(self, store: PluginStore, approvals: Approvals, clock: Clock) -> None:
        self._store = store
        self._approvals = approvals
        self._clock = clock

    async def add(self, invite: Invite, code_hash: str) -> bool:
        """Add an open one. False: too many are open, and it was not added."""
        row: Mapping[str, object] = {
            "id": invite.id,
            "code_hash": code_hash,
            "trust_level": invite.trust_level.value,
            "created_at": as_text(invite.created_at),
            "expires_at": as_text(invite.expires_at),
            "most": MOST_OPEN,
            "history": HISTORY,
            "now": self._now(),
        }
        async with self._store.transaction() as transaction:
            added = await transaction.execute(
                "INSERT INTO pairing_invites (id, code_hash, trust_level, created_at, expires_at)"
                " SELECT :id, :code_hash, :trust_level, :created_at, :expires_at"
                " WHERE (SELECT COUNT(*) FROM pairing_invites"
                " WHERE used_at IS NULL AND withdrawn_at IS NULL AND expires_at > :now) < :most",
                row,
            )
            await transaction.execute(
                "DELETE FROM pairing_invites WHERE NOT (used_at IS NULL AND withdrawn_at IS NULL AND expires_at > :now) AND id NOT IN"
                " (SELECT id FROM pairing_invites ORDER BY created_at DESC, id LIMIT :history)",
                row,
            )
        return added == 1

    async def all(self) -> list[Invite]:
        """Those that are kept, the newest first."""
        rows = await self._store.fetch_all("SELECT * FROM pairing_invites ORDER BY created_at DESC, id")
        return [self._as_invite(row) for row in rows]

    async def get(self, invite_id: str) -> Invite | None:
        """The invitation, or None."""
        row = await self._store.fetch_one("SELECT * FROM pairing_invites WHERE id = :id", {"id": invite_id})
        return None if row is None else self._as_invite(row)

    async def open_ones(self) -> list[tuple[str, Invite]]:
        """The digest of each code that is good at this moment, and its invitation."""
        rows = await self._store.fetch_all(
            "SELECT * FROM pairing_invites WHERE used_at IS NULL AND withdrawn_at IS NULL AND expires_at > :now",
            {"now": self._now()},
        )
        return [(row["code_hash"], self._as_invite(row)) for row in rows]

    async def withdraw(self, invite_id: str) -> bool:
        """open → withdrawn. False: it was not open."""
        async with self._store.transaction() as transaction:
            changed = await transaction.execute(
                "UPDATE pairing_invites SET withdrawn_at = :now WHERE id = :id"
                " AND used_at IS NULL AND withdrawn_at IS NULL AND expires_at > :now",
                {"id": invite_id, "now": self._now()},
            )
        return changed == 1

    async def use(self, invite_id: str, request: PairingRequest) -> bool:
        """open → used, and the request approved, both or neither. False: it was not open, and nothing was changed."""
        key = {"id": invite_id, "request_id": request.id, "now": self._now()}
        async with self._store.transaction() as transaction:
            changed = await transaction.execute(
                "UPDATE pairing_invites SET used_at = :now, request_id = :request_id WHERE id = :id"
                " AND used_at IS NULL AND withdrawn_at IS NULL AND expires_at > :now",
                key,
            )
            if changed:
                await self._approvals.admit(transaction, request)
        return changed == 1

    def _now(self) -> str:
        return as_text(self._clock.now())

    def _as_invite(self, row: Row) -> Invite:
        expires_at = datetime.fromisoformat(row["expires_at"])
        if row["used_at"] is not None:
            status = InviteStatus.USED
        elif row["withdrawn_at"] is not None:
            status = InviteStatus.WITHDRAWN
        else:
            status = InviteStatus.OPEN if expires_at > self._clock.now() else InviteStatus.EXPIRED
        return Invite(
            id=row["id"],
            trust_level=TrustLevel(row["trust_level"]),
            created_at=datetime.fromisoformat(row["created_at"]),
            expires_at=expires_at,
            status=status,
            used_at=as_moment(row["used_at"]),
            request_id=row["request_id"],
        )
