"""What was said in a session, the newest of it."""

from parachute_core.hooks.shapes import Transaction
from parachute_core.model.turn import HistoryEntry
from parachute_core.store.database import Database
from parachute_core.store.group_commit import Statement, Write

KEPT = 40
"""Newest messages of one session that are told; a turn adds two."""

# Both messages in one statement: they are kept together or not at all, and a turn costs one trip to the writing thread.
APPEND = """
INSERT INTO history (session_id, position, role, text, at)
SELECT sessions.id, said.last + new.number, new.role, new.text, :at
FROM sessions
CROSS JOIN (SELECT COALESCE(MAX(position), 0) AS last FROM history WHERE session_id = :id) AS said
CROSS JOIN (
    SELECT 1 AS number, 'user' AS role, :question AS text
    UNION ALL
    SELECT 2 AS number, 'assistant' AS role, :answer AS text
) AS new
WHERE sessions.id = :id
"""
TRIM = """
DELETE FROM history WHERE session_id = :id
AND position <= (SELECT MAX(position) FROM history WHERE session_id = :id) - :kept
"""
NEWEST = "SELECT role, text FROM history WHERE session_id = :id ORDER BY position DESC LIMIT :kept"


def append_turn(session_id: str, question: str, answer: str, at: str) -> Statement:
    """Add both messages of a turn; nothing happens for an unknown session."""
    return Statement(Write(7, APPEND), {"id": session_id, "question": question, "answer": answer, "at": at})


async def trim_history(transaction: Transaction, session_id: str) -> None:
    """Drop what is older than the newest `KEPT` messages."""
    await transaction.execute(TRIM, {"id": session_id, "kept": KEPT})


def read_history(database: Database, session_id: str) -> tuple[HistoryEntry, ...]:
    """The newest `KEPT` messages, oldest first."""
    rows = database.read_values(NEWEST, {"id": session_id, "kept": KEPT})
    return tuple(HistoryEntry(role, text) for role, text in reversed(rows))
