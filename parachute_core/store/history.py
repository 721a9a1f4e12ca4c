"""What was said in a session, the newest of it."""

from parachute_core.hooks.shapes import Transaction
from parachute_core.model.turn import HistoryEntry
from parachute_core.store.database import Database
from parachute_core.store.group_commit import Statement, Write

KEPT = 120
"""Newest messages of one session that are kept; a turn adds two."""
BLOCK = 20
"""Messages by which the beginning of what is told moves on."""

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
NEWEST = "SELECT position, role, text FROM history WHERE session_id = :id ORDER BY position DESC LIMIT :kept"


def append_turn(session_id: str, question: str, answer: str, at: str) -> Statement:
    """Add both messages of a turn; nothing happens for an unknown session."""
    return Statement(Write(7, APPEND), {"id": session_id, "question": question, "answer": answer, "at": at})


async def trim_history(transaction: Transaction, session_id: str) -> None:
    """Drop what is older than the newest `KEPT` messages."""
    await transaction.execute(TRIM, {"id": session_id, "kept": KEPT})


def tokens_of(text: str) -> int:
    """What a message costs a language model, estimated from above: no model's own count is known here.

    A token for every three bytes of UTF-8, and four for the message itself. English has four characters to a token, Chinese and
    Japanese one, of three bytes.
    """
    return 4 - (-len(text.encode("utf-8", "surrogatepass")) // 3)


def read_history(database: Database, session_id: str, most_tokens: int) -> tuple[HistoryEntry, ...]:
    """The newest messages that are not more than `most_tokens` together, and not more than `KEPT`; oldest first.

    It begins with a question, and for several turns with the same one: a service that keeps what it has read needs the same beginning
    to know it again.
    """
    fitting: list[tuple[int, HistoryEntry]] = []
    for position, role, text in database.read_values(NEWEST, {"id": session_id, "kept": KEPT}):
        most_tokens -= tokens_of(text)
        if most_tokens < 0:
            break
        fitting.append((position, HistoryEntry(role, text)))
    fitting.reverse()
    begins = next((number for number, (position, _) in enumerate(fitting) if position % BLOCK == 1), None)
    if begins is None:
        begins = next((number for number, (_, entry) in enumerate(fitting) if entry.role == "user"), len(fitting))
    return tuple(entry for _, entry in fitting[begins:])
