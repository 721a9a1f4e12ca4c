"""The plugin's tables: how they are made, and how requests are read and written."""

from datetime import datetime
from typing import Final

from parachute_core import PluginStore, Row, TrustLevel
from parachute_pairing.request import PairingRequest, RequestStatus

MIGRATIONS: Final = (
    """
    CREATE TABLE pairing_requests (
        id TEXT PRIMARY KEY,
        seq INTEGER NOT NULL,
        platform TEXT NOT NULL,
        platform_user_id TEXT NOT NULL,
        platform_user_display TEXT,
        platform_chat_id TEXT NOT NULL,
        status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'approved', 'denied', 'expired')),
        approved_trust_level TEXT CHECK (approved_trust_level IN ('direct', 'sandboxed')),
        applied INTEGER NOT NULL DEFAULT 0,
        nudges INTEGER NOT NULL DEFAULT 0,
        created_at TEXT NOT NULL,
        resolved_at TEXT,
        resolved_by TEXT
    )
    """,
    # History is kept, so a user may have any number of resolved requests, and at most one pending.
    "CREATE UNIQUE INDEX pairing_requests_one_pending ON pairing_requests (platform, platform_user_id) WHERE status = 'pending'",
    "CREATE INDEX pairing_requests_status ON pairing_requests (status, created_at)",
    "CREATE UNIQUE INDEX pairing_requests_seq ON pairing_requests (seq)",
    "ALTER TABLE pairing_requests ADD COLUMN preview TEXT",
    "ALTER TABLE pairing_requests ADD COLUMN grant_until TEXT",
    """
    CREATE TABLE pairing_blocked (
        platform TEXT NOT NULL,
        user_id TEXT NOT NULL,
        user_display TEXT,
        blocked_at TEXT NOT NULL,
        PRIMARY KEY (platform, user_id)
    )
    """,
    """
    CREATE TABLE pairing_terms (
        platform TEXT NOT NULL,
        user_id TEXT NOT NULL,
        until TEXT NOT NULL,
        PRIMARY KEY (platform, user_id)
    )
    """,
    """
    CREATE TABLE pairing_invites (
        id TEXT PRIMARY KEY,
        code_hash TEXT NOT NULL,
        trust_level TEXT NOT NULL CHECK (trust_level IN ('direct', 'sandboxed')),
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL,
        withdrawn_at TEXT,
        used_at TEXT,
        request_id TEXT
    )
    """,
    "ALTER TABLE pairing_requests ADD COLUMN noticed_at TEXT",
    "CREATE INDEX pairing_requests_lately ON pairing_requests (platform, created_at)",
)

HISTORY: Final = 10_000
"""Requests that are kept, newest first; resolved ones before that are dropped when a new one is opened."""
FORGET_OLDEST: Final = (
    "DELETE FROM pairing_requests WHERE seq <= (SELECT MAX(seq) FROM pairing_requests) - :history"
    " AND status <> 'pending' AND NOT (status = 'approved' AND applied = 0)"
)

Key = dict[str, object]
"""Parameters of a statement."""


def as_text(moment: datetime) -> str:
    """A moment (aware, UTC) as it is stored."""
    # Always with microseconds, so that texts compare as the moments do.
    return moment.isoformat(timespec="microseconds")


def as_moment(text: str | None) -> datetime | None:
    """What `as_text` wrote; None where nothing stands."""
    return None if text is None else datetime.fromisoformat(text)


async def change(store: PluginStore, sql: str, params: Key) -> bool:
    """Carry out one statement by itself; whether it changed anything. Raises `StoreError`."""
    async with store.transaction() as transaction:
        return await transaction.execute(sql, params) > 0


def as_request(row: Row) -> PairingRequest:
    """A row as a record."""
    trust_level = row["approved_trust_level"]
    return PairingRequest(
        id=row["id"],
        platform=row["platform"],
        user_id=row["platform_user_id"],
        chat_id=row["platform_chat_id"],
        created_at=datetime.fromisoformat(row["created_at"]),
        user_display=row["platform_user_display"],
        status=RequestStatus(row["status"]),
        approved_trust_level=None if trust_level is None else TrustLevel(trust_level),
        resolved_at=as_moment(row["resolved_at"]),
        resolved_by=row["resolved_by"],
        nudges=row["nudges"],
        preview=row["preview"],
        grant_until=as_moment(row["grant_until"]),
    )


def row_of(request: PairingRequest) -> Key:
    """A new request as the parameters of the statement that adds it."""
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
