"""Conversations: find, open, archive, and what was said in them."""

import uuid
from dataclasses import replace as changed
from datetime import datetime, timedelta

from parachute_core.clock import Clock
from parachute_core.hooks.shapes import Transaction
from parachute_core.model.message import ChatRef, ChatType
from parachute_core.model.parcel import Exchange
from parachute_core.model.session import Session
from parachute_core.model.trust import TrustLevel
from parachute_core.model.turn import HistoryEntry
from parachute_core.store.database import Database
from parachute_core.store.group_commit import Statement
from parachute_core.store.history import append_turn, read_history, trim_history
from parachute_core.store.session_cache import SessionCache
from parachute_core.store.session_rows import COLUMNS, to_params, to_session
from parachute_core.store.timestamps import to_text

CACHED = 4096
TOUCHED_EVERY = timedelta(minutes=1)
"""How exact `Session.last_used` is, and how long messages beyond the newest 120 may stay."""

BY_ID = f"SELECT {COLUMNS} FROM sessions WHERE id = :id"  # noqa: S608 - a constant
NEWEST = f"SELECT {COLUMNS} FROM sessions WHERE platform = :platform AND chat_id = :chat_id ORDER BY position DESC LIMIT 1"  # noqa: S608
LISTED = f"SELECT {COLUMNS} FROM sessions ORDER BY last_used DESC, id LIMIT :limit OFFSET :offset"  # noqa: S608
# The position, not the time, says which session is the newest: the machine's clock may be set back.
INSERT = """
INSERT INTO sessions (id, platform, chat_id, position, chat_type, user_id, trust_level, archived, created_at, last_used)
VALUES (
    :id, :platform, :chat_id,
    (SELECT COALESCE(MAX(position), 0) + 1 FROM sessions WHERE platform = :platform AND chat_id = :chat_id),
    :chat_type, :user_id, :trust_level, :archived, :created_at, :last_used
)"""
ARCHIVE = "UPDATE sessions SET archived = 1 WHERE id = :id AND archived = 0"
OF_CHAT = "SELECT id FROM sessions WHERE platform = :platform AND chat_id = :old"
YIELD_TO_LIVE = """
UPDATE sessions SET archived = 1 WHERE platform = :platform AND chat_id = :old AND archived = 0
AND EXISTS (SELECT 1 FROM sessions WHERE platform = :platform AND chat_id = :new AND archived = 0)"""
SPAN = """
SELECT COALESCE(MIN(position), 0) AS first, COALESCE(MAX(position), 0) AS last, COALESCE(MIN(archived), 1) AS ended
FROM sessions WHERE platform = :platform AND chat_id = :chat_id"""
MOVE = "UPDATE sessions SET chat_id = :new, position = position + :by WHERE platform = :platform AND chat_id = :old"
TOUCH = "UPDATE sessions SET last_used = :at WHERE id = :id"

Listing = list[Session]


class SessionStore:
    """Every session, with the recent ones in memory. Implements `hooks.shapes.Sessions`.

    All writes to the table pass through one instance, so what it answers from memory is what the table says.
    Every method raises `StoreError` when the database fails.
    """

    def __init__(self, database: Database, clock: Clock, *, capacity: int = CACHED) -> None:
        self._database = database
        self._clock = clock
        self._cache = SessionCache(capacity)

    async def get(self, session_id: str) -> Session | None:
        """The session as it stands now, or None when it does not exist."""
        return self._cache.get(session_id) or self._read(session_id)

    async def current(self, chat: ChatRef) -> Session | None:
        """The chat's newest session, archived or not, or None when it has none."""
        known = self._cache.newest(chat)
        if known is not None:
            return self._cache.get(known) or self._read(known)
        row = self._database.read_one(NEWEST, {"platform": chat.platform, "chat_id": chat.chat_id})
        # No other task gets a turn between reading and remembering, so nothing older can be remembered over something newer.
        return self._cache.remember(to_session(row), newest=True) if row else None

    async def open(self, chat: ChatRef, chat_type: ChatType, user_id: str, trust_level: TrustLevel | None, *, replace: bool) -> Session:
        """The chat's session to talk in.

        `replace=False`: the newest one if it is live, else a fresh one. `replace=True`: always a fresh one; the live one is archived.
        """
        if not replace:
            live = await self.current(chat)
            if live is not None and not live.archived:
                return live
        newest: Session | None = None
        try:
            async with self._database.transaction() as transaction:
                row = await transaction.fetch_one(NEWEST, {"platform": chat.platform, "chat_id": chat.chat_id})
                newest = to_session(row) if row else None
                if newest is not None and not newest.archived:
                    if not replace:
                        return newest
                    await transaction.execute(ARCHIVE, {"id": newest.id})
                fresh = await self._insert(transaction, chat, chat_type, user_id, trust_level)
        except BaseException:
            # A cancelled caller does not know whether it was committed.
            self._cache.forget_chat(chat)
            if newest is not None:
                self._cache.forget(newest.id)
            raise
        if newest is not None:
            self._cache.remember(changed(newest, archived=True), newest=False)
        return self._cache.remember(fresh, newest=True)

    async def archive(self, session_id: str) -> bool | None:
        """End the session for good. False: it had been archived before; None: there is no such session."""
        session = await self.get(session_id)
        if session is None:
            return None
        try:
            async with self._database.transaction() as transaction:
                ended = await transaction.execute(ARCHIVE, {"id": session_id})
        finally:
            self._cache.forget(session_id)
        return bool(ended)

    async def move(self, old: ChatRef, new: ChatRef) -> None:
        """The chat has another id from now on: its sessions go there, the newest as the newest. Safe to repeat.

        A live session that the new id has already stays the newest; one that would come beside it is archived.
        """
        places = {"platform": old.platform, "old": old.chat_id, "new": new.chat_id}
        try:
            async with self._database.transaction() as transaction:
                moving = await transaction.fetch_all(OF_CHAT, places)
                there = await transaction.fetch_all(SPAN, {"platform": new.platform, "chat_id": new.chat_id})
                here = await transaction.fetch_all(SPAN, {"platform": old.platform, "chat_id": old.chat_id})
                # Positions may be negative.
                behind = there[0]["last"] - here[0]["first"] + 1
                before = there[0]["first"] - here[0]["last"] - 1
                await transaction.execute(YIELD_TO_LIVE, places)
                await transaction.execute(MOVE, {**places, "by": behind if there[0]["ended"] else before})
        finally:
            self._cache.forget_chat(old)
            self._cache.forget_chat(new)
        for row in moving:
            self._cache.forget(row["id"])

    def remember(self, exchange: Exchange) -> Statement:
        """Keep both messages of a completed turn, together or not at all. Does nothing for an unknown session."""
        return append_turn(exchange.session_id, exchange.question, exchange.answer, to_text(self._clock.now()))

    async def used(self, session_id: str) -> None:
        """A turn of the session is complete."""
        now = self._clock.now()
        session = await self.get(session_id)
        if session is not None and abs(now - session.last_used) >= TOUCHED_EVERY:
            await self._touch(session_id, now)

    async def _touch(self, session_id: str, now: datetime) -> None:
        """What a lively session needs once in a while, and not at each of its turns."""
        try:
            async with self._database.transaction() as transaction:
                await transaction.execute(TOUCH, {"id": session_id, "at": to_text(now)})
                await trim_history(transaction, session_id)
        finally:
            self._cache.forget(session_id)

    async def history(self, session_id: str, most_tokens: int) -> tuple[HistoryEntry, ...]:
        """The newest messages of the session, oldest first, within `most_tokens` and 120 messages; empty for an unknown one."""
        return read_history(self._database, session_id, most_tokens)

    async def list(self, limit: int, offset: int) -> Listing:
        """Sessions by last use, newest first: `limit` of them after the first `offset`."""
        return [to_session(row) for row in await self._database.fetch_all(LISTED, {"limit": limit, "offset": offset})]

    async def _insert(
        self, transaction: Transaction, chat: ChatRef, chat_type: ChatType, user_id: str, trust_level: TrustLevel | None
    ) -> Session:
        now = self._clock.now()
        session = Session(uuid.uuid4().hex, chat.platform, chat.chat_id, chat_type, user_id, trust_level, False, now, now)
        await transaction.execute(INSERT, to_params(session))
        return session

    def _read(self, session_id: str) -> Session | None:
        row = self._database.read_one(BY_ID, {"id": session_id})
        return self._cache.remember(to_session(row), newest=False) if row else None
