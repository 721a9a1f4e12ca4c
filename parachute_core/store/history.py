"""What was said in a session, the newest of it."""

from parachute_core.hooks.shapes import Transaction
from parachute_core.model.turn import HistoryEntry
from parachute_core.store.database import Database

KEPT = 40
"""Messages of one session that are kept; a turn adds two."""


async def append_turn(transaction: Transaction, session_id: str, question: str, answer: str, at: str) -> None:
    """Add both messages of a turn and drop what is older than the newest `KEPT`."""
    row = await transaction.fetch_one("SELECT COALESCE(MAX(position), 0) AS last FROM history WHERE session_id = :id", {"id": session_id})
    last: int = row["last"] if row else 0
    for position, role, text in ((last + 1, "user", question), (last + 2, "assistant", answer)):
        await transaction.execute(
            "INSERT INTO history (session_id, position, role, text, at) VALUES (:id, :position, :role, :text, :at)",
            {"id": session_id, "position": position, "role": role, "text": text, "at": at},
        )
    await transaction.execute(
        "DELETE FROM history WHERE session_id = :id AND position <= :dropped", {"id": session_id, "dropped": last + 2 - KEPT}
    )


async def read_history(database: Database, session_id: str) -> tuple[HistoryEntry, ...]:
    """The messages that are kept, oldest first."""
    rows = await database.fetch_all("SELECT role, text FROM history WHERE session_id = :id ORDER BY position", {"id": session_id})
    return tuple(HistoryEntry(row["role"], row["text"]) for row in rows)
