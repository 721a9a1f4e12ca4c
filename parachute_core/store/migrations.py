"""The schema in ordered steps, for the core and for each plugin, with the bookkeeping of which were applied."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import aiosqlite

from parachute_core.hooks.shapes import Transaction
from parachute_core.model.errors import StoreError
from parachute_core.store.timestamps import to_text

if TYPE_CHECKING:
    from parachute_core.store.database import Database

CORE = "core"
BOOKKEEPING = """
CREATE TABLE IF NOT EXISTS schema_steps (
    owner TEXT NOT NULL,
    step INTEGER NOT NULL,
    applied_at TEXT NOT NULL,
    PRIMARY KEY (owner, step)
)"""

CORE_STEPS: tuple[str, ...] = (
    """
    CREATE TABLE sessions (
        id TEXT PRIMARY KEY,
        platform TEXT NOT NULL,
        chat_id TEXT NOT NULL,
        position INTEGER NOT NULL,
        chat_type TEXT NOT NULL CHECK (chat_type IN ('dm', 'group')),
        user_id TEXT NOT NULL,
        trust_level TEXT,
        archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
        created_at TEXT NOT NULL,
        last_used TEXT NOT NULL,
        UNIQUE (platform, chat_id, position)
    )""",
    "CREATE UNIQUE INDEX sessions_live ON sessions (platform, chat_id) WHERE archived = 0",
    "CREATE INDEX sessions_last_used ON sessions (last_used)",
    """
    CREATE TABLE history (
        session_id TEXT NOT NULL REFERENCES sessions (id),
        position INTEGER NOT NULL,
        role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
        text TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (session_id, position)
    )""",
    """
    CREATE TABLE grants (
        platform TEXT NOT NULL,
        user_id TEXT NOT NULL,
        trust_level TEXT,
        generation INTEGER NOT NULL,
        revoking INTEGER NOT NULL DEFAULT 0 CHECK (revoking IN (0, 1)),
        granted_at TEXT NOT NULL,
        PRIMARY KEY (platform, user_id)
    )""",
    """
    CREATE TABLE failed_sends (
        number INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        platform TEXT NOT NULL,
        chat_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        purpose TEXT NOT NULL,
        error TEXT NOT NULL
    )""",
    """
    CREATE TABLE secrets (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL,
        made_at TEXT NOT NULL
    )""",
    """
    CREATE TABLE connector_memory (
        platform TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        position INTEGER NOT NULL,
        PRIMARY KEY (platform, key)
    )""",
    "ALTER TABLE grants ADD COLUMN gone INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1))",
    """
    CREATE TABLE inbox (
        number INTEGER PRIMARY KEY,
        platform TEXT NOT NULL,
        chat_id TEXT NOT NULL,
        message_id TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('taken', 'settled', 'aside')),
        message TEXT,
        session_id TEXT,
        generation INTEGER NOT NULL,
        tries INTEGER NOT NULL,
        reason TEXT,
        taken_at TEXT NOT NULL,
        UNIQUE (platform, chat_id, message_id)
    )""",
    "CREATE INDEX inbox_taken ON inbox (platform, number) WHERE state = 'taken'",
    "CREATE INDEX inbox_taken_at ON inbox (taken_at)",
    """
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY,
        platform TEXT NOT NULL,
        chat_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        purpose TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'held', 'dead', 'discarded')),
        parcel TEXT,
        inbox INTEGER,
        last INTEGER NOT NULL DEFAULT 0 CHECK (last IN (0, 1)),
        tries INTEGER NOT NULL,
        unknown INTEGER NOT NULL CHECK (unknown IN (0, 1)),
        resent INTEGER NOT NULL CHECK (resent IN (0, 1)),
        created_at TEXT NOT NULL,
        changed_at TEXT NOT NULL,
        not_before TEXT,
        receipt TEXT,
        realm TEXT,
        error TEXT,
        reason TEXT
    )""",
    "CREATE INDEX outbox_open ON outbox (platform, id) WHERE state IN ('queued', 'sending')",
    "CREATE INDEX outbox_state ON outbox (state, id)",
    "CREATE INDEX outbox_inbox ON outbox (inbox) WHERE inbox IS NOT NULL",
    """
    INSERT INTO outbox (id, platform, chat_id, kind, purpose, state, tries, unknown, resent, created_at, changed_at, error, reason)
    SELECT number, platform, chat_id, kind, purpose, 'dead', 1, 0, 0, at, at, error, 'given up by an earlier version, which kept no text'
    FROM failed_sends""",
    "DROP TABLE failed_sends",
    """
    CREATE TABLE silent_chats (
        platform TEXT NOT NULL,
        chat_id TEXT NOT NULL,
        reason TEXT NOT NULL,
        since TEXT NOT NULL,
        PRIMARY KEY (platform, chat_id)
    )""",
    "ALTER TABLE outbox ADD COLUMN unknown_since TEXT",
    "ALTER TABLE outbox ADD COLUMN position INTEGER",
    """
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        who TEXT NOT NULL,
        what TEXT NOT NULL,
        platform TEXT,
        chat_id TEXT,
        user_id TEXT,
        session_id TEXT,
        delivery INTEGER,
        request_id TEXT,
        why TEXT
    )""",
    """
    CREATE TABLE logins (
        digest TEXT PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        made_at TEXT NOT NULL,
        seen_at TEXT NOT NULL,
        until TEXT NOT NULL,
        agent TEXT NOT NULL
    )""",
    "ALTER TABLE outbox ADD COLUMN asked INTEGER NOT NULL DEFAULT 0 CHECK (asked IN (0, 1))",
    """
    CREATE TABLE usage (
        session_id TEXT NOT NULL REFERENCES sessions (id),
        user_id TEXT NOT NULL,
        model TEXT NOT NULL,
        platform TEXT NOT NULL,
        input_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        cached_tokens INTEGER NOT NULL,
        cache_write_tokens INTEGER NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (session_id, user_id, model)
    )""",
    "CREATE INDEX usage_at ON usage (at)",
    "ALTER TABLE outbox ADD COLUMN mark TEXT",
    """
    CREATE TABLE people (
        platform TEXT NOT NULL,
        user_id TEXT NOT NULL,
        name TEXT,
        seen_at TEXT NOT NULL,
        PRIMARY KEY (platform, user_id)
    )""",
    "CREATE INDEX audit_who ON audit (who)",
    "CREATE INDEX audit_what ON audit (what)",
    "CREATE INDEX audit_user ON audit (user_id)",
    "CREATE INDEX audit_chat ON audit (chat_id)",
)
"""Only ever appended to: a database remembers how many of them it has."""


async def refuse_strangers(writer: aiosqlite.Connection, path: Path) -> None:
    """Raise `StoreError`, with nothing changed, when the file belongs to something else or to a newer version."""
    tables = {row["name"] for row in await writer.execute_fetchall("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return
    if "schema_steps" not in tables:
        raise StoreError(f"{path}: a database of something else, not of this bot; it was not changed")
    query = "SELECT COALESCE(MAX(step), 0) AS step FROM schema_steps WHERE owner = 'core'"
    for row in await writer.execute_fetchall(query):
        _refuse_newer(CORE, row["step"], len(CORE_STEPS), path)


async def migrate(database: "Database", owner: str, steps: Sequence[str], prefix: str | None = None) -> None:
    """Apply the steps of `owner` that were not applied before, in order, all or none. Tables they make start with `prefix`, if given.

    Raises `StoreError` when the database has more steps of this owner than are known here, or a step fails.
    """
    async with database.transaction() as transaction:
        await transaction.execute(BOOKKEEPING)
        row = await transaction.fetch_one("SELECT COALESCE(MAX(step), 0) AS step FROM schema_steps WHERE owner = :owner", {"owner": owner})
        applied: int = row["step"] if row else 0
        _refuse_newer(owner, applied, len(steps), database.path)
        before = await _tables(transaction)
        for number, step in enumerate(steps[applied:], start=applied + 1):
            await transaction.execute(step)
            await transaction.execute(
                "INSERT INTO schema_steps (owner, step, applied_at) VALUES (:owner, :step, :at)",
                {"owner": owner, "step": number, "at": to_text(database.clock.now())},
            )
        if prefix is not None:
            foreign = sorted(name for name in await _tables(transaction) - before if not name.startswith(prefix))
            if foreign:
                raise StoreError(f"tables of {owner} must start with {prefix!r}: {', '.join(foreign)}")


async def _tables(transaction: Transaction) -> set[str]:
    return {row["name"] for row in await transaction.fetch_all("SELECT name FROM sqlite_master WHERE type = 'table'")}


def _refuse_newer(owner: str, applied: int, known: int, path: Path) -> None:
    if applied > known:
        raise StoreError(
            f"{path}: written by a newer version ({owner} is at schema step {applied}, this version knows {known}); "
            "it was not changed, install the newer version"
        )
