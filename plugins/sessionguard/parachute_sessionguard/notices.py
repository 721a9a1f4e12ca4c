"""Who was told that which session has ended, kept across restarts: each session's end is told once."""

from parachute_core import ChatRef, PluginStore

# One row for each chat that was ever told, replaced at the end of its next session: it does not grow with the number of sessions.
STEPS = (
    """
    CREATE TABLE sessionguard_notices (
        platform TEXT NOT NULL,
        chat_id TEXT NOT NULL,
        session_id TEXT NOT NULL,
        PRIMARY KEY (platform, chat_id)
    )
    """,
)

CLAIM = """
    INSERT INTO sessionguard_notices (platform, chat_id, session_id) VALUES (:platform, :chat_id, :session_id)
    ON CONFLICT (platform, chat_id) DO UPDATE SET session_id = excluded.session_id
    WHERE sessionguard_notices.session_id <> excluded.session_id
"""


class Notices:
    """The plugin's own table."""

    def __init__(self, store: PluginStore) -> None:
        self._store = store

    async def prepare(self) -> None:
        """Make the table where it is missing. Raises `StoreError`."""
        await self._store.migrate(STEPS)

    async def claim(self, chat: ChatRef, session_id: str) -> bool:
        """Take the right to tell the chat of this session's end: True the first time, and False ever after.

        It asks about the chat's newest session only, so the last one told is all that has to be remembered.
        """
        async with self._store.transaction() as transaction:
            changed = await transaction.execute(CLAIM, {"platform": chat.platform, "chat_id": chat.chat_id, "session_id": session_id})
        return changed == 1
