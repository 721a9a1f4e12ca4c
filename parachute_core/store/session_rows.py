"""A session as a row."""

from parachute_core.hooks.shapes import Row
from parachute_core.model.message import ChatType
from parachute_core.model.session import Session
from parachute_core.model.trust import TrustLevel
from parachute_core.store.timestamps import from_text, to_text

COLUMNS = "id, platform, chat_id, chat_type, user_id, trust_level, archived, created_at, last_used"


def stored_trust(text: object) -> TrustLevel | None:
    """The level that was stored, or None when it cannot be read: then nobody may guess one. Legacy names are for config files only."""
    try:
        return TrustLevel(str(text))
    except ValueError:
        return None


def to_session(row: Row) -> Session:
    """The record of a row that has `COLUMNS`."""
    return Session(
        id=row["id"],
        platform=row["platform"],
        chat_id=row["chat_id"],
        chat_type=ChatType(row["chat_type"]),
        user_id=row["user_id"],
        trust_level=stored_trust(row["trust_level"]),
        archived=bool(row["archived"]),
        created_at=from_text(row["created_at"]),
        last_used=from_text(row["last_used"]),
    )


def to_params(session: Session) -> dict[str, object]:
    """The parameters, by column name, that store the record."""
    return {
        "id": session.id,
        "platform": session.platform,
        "chat_id": session.chat_id,
        "chat_type": session.chat_type.value,
        "user_id": session.user_id,
        "trust_level": session.trust_level.value if session.trust_level else None,
        "archived": int(session.archived),
        "created_at": to_text(session.created_at),
        "last_used": to_text(session.last_used),
    }
