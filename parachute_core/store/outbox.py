"""Everything that the bot wants to say, from before the first byte leaves until it is known what became of it."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from parachute_core.clock import Clock
from parachute_core.model.message import ChatRef
from parachute_core.model.parcel import Kept, Parcel, ParcelState
from parachute_core.store.database import Database
from parachute_core.store.frozen import Frozen
from parachute_core.store.group_commit import Statement, Write
from parachute_core.store.timestamps import from_text, to_text

SENT_KEPT = timedelta(hours=48)
"""How long it is known that something was sent; its text is gone at once."""
LONG_AGO = 10 * 365 * 86_400.0
"""Seconds."""
DEAD_KEPT = timedelta(days=30)
"""How long what was given up or is held can be sent all the same, and what waits for a chat that takes nothing is kept."""
PARCEL = Frozen(Parcel)

PUT = Write(
    2,
    """
INSERT INTO outbox (
    id, platform, chat_id, kind, purpose, state, parcel, inbox, last, mark, tries, unknown, resent, realm, created_at, changed_at
) VALUES (
    :id, :platform, :chat_id, :kind, :purpose, :state, :parcel, :inbox, :last, :mark, 0, :unknown, 0, :realm, :created_at, :created_at
)""",
)
# An end is an end: what was said of a parcel before its end may be written after it, when the store took nothing for a while.
CHANGE = Write(
    3,
    """
UPDATE outbox SET state = :state, tries = :tries, unknown = :unknown, resent = :resent, changed_at = :changed_at,
    not_before = :not_before, asked = :asked, receipt = :receipt, realm = :realm, error = :error, reason = :reason,
    unknown_since = :unknown_since,
    parcel = CASE WHEN :state IN ('sent', 'discarded') THEN NULL ELSE parcel END
WHERE id = :id AND state NOT IN ('sent', 'discarded')""",
)
REVIVE = Write(
    3,
    """
UPDATE outbox SET state = 'queued', tries = 0, unknown = 0, unknown_since = NULL, resent = 0, realm = NULL,
    created_at = :at, changed_at = :at, position = :position,
    not_before = NULL, asked = 0, error = NULL, reason = NULL
WHERE id = :id""",
)
DROP = Write(3, "UPDATE outbox SET state = 'discarded', reason = :reason, changed_at = :at, parcel = NULL WHERE id = :id")
MOVE = Write(4, "UPDATE outbox SET chat_id = :new, parcel = :parcel WHERE id = :id")
SILENCE = Write(
    5,
    """
INSERT INTO silent_chats (platform, chat_id, reason, since) VALUES (:platform, :chat_id, :reason, :since)
ON CONFLICT (platform, chat_id) DO NOTHING""",
)
HEARD = Write(5, "DELETE FROM silent_chats WHERE platform = :platform AND chat_id = :chat_id")
COLUMNS = (
    "id, parcel, state, created_at, changed_at, tries, unknown, unknown_since, resent, realm, not_before, asked, receipt, error, reason"
)
OPEN = f"SELECT {COLUMNS} FROM outbox WHERE platform = :platform AND state IN ('queued', 'sending') \
ORDER BY COALESCE(position, id)"  # noqa: S608 - a constant
ONE = f"SELECT {COLUMNS} FROM outbox WHERE id = :id"  # noqa: S608 - a constant
FACTS = "SELECT platform, chat_id, state FROM outbox WHERE id = :id"
FARED = "SELECT id, state, receipt, unknown, resent FROM outbox WHERE id = :id"
BEGUN = "SELECT id, state, receipt, unknown, resent FROM outbox WHERE inbox = :inbox AND purpose = 'reply' ORDER BY id"
REMARKS = "SELECT mark FROM outbox WHERE inbox = :inbox AND mark IS NOT NULL"
OVER = """
UPDATE inbox SET state = 'settled', message = NULL WHERE state = 'taken' AND number IN (
    SELECT inbox FROM outbox WHERE last = 1 AND state = 'queued' AND changed_at < :dead_before
)"""
PURGE = """
DELETE FROM outbox WHERE id < (SELECT MAX(id) FROM outbox) AND (
    (state IN ('sent', 'discarded') AND changed_at < :sent_before) OR (state IN ('queued', 'held', 'dead') AND changed_at < :dead_before)
)"""


class Fared(NamedTuple):
    """What became of a parcel."""

    id: int
    state: ParcelState
    receipt: str | None
    """The platform's id of its message, once that is known."""
    unknown: bool
    """It may have arrived, unless it is known what became of it."""
    labelled: bool
    """It was sent with the label of a message that may be there already."""

    @property
    def doubtful(self) -> bool:
        """Whether people may see something of it that nobody knows of."""
        return self.state is ParcelState.SENDING or (self.unknown and self.state is not ParcelState.SENT)


class Facts(NamedTuple):
    """What is known of a parcel whose text may be gone."""

    chat: ChatRef
    state: ParcelState


class Outbox:
    """The outbox table. Reads are of microseconds and raise `StoreError`; writes are statements for a group commit."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        row = database.read_one("SELECT COALESCE(MAX(MAX(id, COALESCE(position, 0))), 0) AS last FROM outbox")
        self._last: int = row["last"] if row else 0

    def new(self, parcel: Parcel, state: ParcelState, *, unknown: bool = False) -> Kept:
        """A parcel with an id of its own, not written yet."""
        self._last += 1
        return Kept(self._last, parcel, state, self._clock.now(), unknown=unknown)

    def put(self, kept: Kept) -> Statement:
        """Write a new parcel."""
        outgoing = kept.parcel.outgoing
        return Statement(
            PUT,
            {
                "id": kept.id,
                "platform": outgoing.platform,
                "chat_id": outgoing.chat_id,
                "kind": outgoing.kind.value,
                "purpose": outgoing.purpose.value,
                "state": kept.state.value,
                "parcel": PARCEL.dump(kept.parcel),
                "inbox": kept.parcel.inbox,
                "last": int(kept.parcel.last),
                "mark": kept.parcel.mark,
                "unknown": int(kept.unknown),
                "realm": kept.realm,
                "created_at": to_text(kept.created_at),
            },
        )

    def change(self, kept: Kept) -> Statement:
        """Write how a parcel fares now."""
        return Statement(
            CHANGE,
            {
                "id": kept.id,
                "state": kept.state.value,
                "tries": kept.tries,
                "unknown": int(kept.unknown),
                "unknown_since": self._at(kept.unknown_since),
                "resent": int(kept.resent),
                "changed_at": to_text(self._clock.now()),
                "not_before": to_text(kept.not_before) if kept.not_before else None,
                "asked": int(kept.asked),
                "receipt": kept.receipt,
                "realm": kept.realm,
                "error": kept.error,
                "reason": kept.reason,
            },
        )

    def revived(self, kept: Kept) -> tuple[Kept, Statement]:
        """The same parcel as if it had not been tried yet, behind all others, and what writes that."""
        self._last += 1
        fresh = Kept(kept.id, kept.parcel, ParcelState.QUEUED, self._clock.now())
        return fresh, Statement(REVIVE, {"id": kept.id, "position": self._last, "at": to_text(fresh.created_at)})

    def drop(self, parcel_id: int, reason: str) -> Statement:
        """Write that a parcel that nobody has in hand is discarded."""
        return Statement(DROP, {"id": parcel_id, "reason": reason, "at": to_text(self._clock.now())})

    def move(self, kept: Kept) -> Statement:
        """Write that a parcel goes to a chat with another id."""
        return Statement(MOVE, {"id": kept.id, "new": kept.chat.chat_id, "parcel": PARCEL.dump(kept.parcel)})

    def silence(self, chat: ChatRef, reason: str) -> Statement:
        """Write that a chat takes nothing."""
        params = {"platform": chat.platform, "chat_id": chat.chat_id, "reason": reason, "since": to_text(self._clock.now())}
        return Statement(SILENCE, params)

    def heard(self, chat: ChatRef) -> Statement:
        """Write that a chat takes something again."""
        return Statement(HEARD, {"platform": chat.platform, "chat_id": chat.chat_id})

    def silent(self, platform: str) -> set[ChatRef]:
        """The chats of a platform that take nothing."""
        rows = self._database.read_all("SELECT chat_id FROM silent_chats WHERE platform = :platform", {"platform": platform})
        return {ChatRef(platform, row["chat_id"]) for row in rows}

    def open_parcels(self, platform: str) -> list[Kept]:
        """What is on its way to a platform, oldest first."""
        return [self._kept(row) for row in self._database.read_all(OPEN, {"platform": platform}) if row["parcel"] is not None]

    def get(self, parcel_id: int) -> Kept | None:
        """One parcel; None where there is none, or where its text is gone."""
        row = self._database.read_one(ONE, {"id": parcel_id})
        return self._kept(row) if row is not None and row["parcel"] is not None else None

    def fared(self, parcel_id: int) -> Fared | None:
        """What became of a parcel; None where there is no such parcel."""
        row = self._database.read_one(FARED, {"id": parcel_id})
        return _fared(row) if row else None

    def facts(self, parcel_id: int) -> Facts | None:
        """Where one parcel goes and how it fares; None where there is none."""
        row = self._database.read_one(FACTS, {"id": parcel_id})
        return Facts(ChatRef(row["platform"], row["chat_id"]), ParcelState(row["state"])) if row else None

    def begun(self, inbox: int) -> list[Fared]:
        """What became of every part of an answer to a message, oldest first."""
        return [_fared(row) for row in self._database.read_all(BEGUN, {"inbox": inbox})]

    def remarks(self, inbox: int) -> list[str]:
        """The marks of everything that was said beside an answer to a message."""
        return [row["mark"] for row in self._database.read_all(REMARKS, {"inbox": inbox})]

    async def purge(self) -> None:
        """Forget what was kept long enough. Raises `StoreError`."""
        now = self._clock.now()
        dead_before = to_text(now - DEAD_KEPT)
        async with self._database.transaction() as transaction:
            # The message whose answer is forgotten unsent is through with it: else it would be answered anew at the next start.
            await transaction.execute(OVER, {"dead_before": dead_before})
            await transaction.execute(PURGE, {"sent_before": to_text(now - SENT_KEPT), "dead_before": dead_before})

    def _kept(self, row: Any) -> Kept:
        begun = row["unknown_since"] if row["unknown"] else row["changed_at"]
        return Kept(
            id=row["id"],
            parcel=PARCEL.load(row["parcel"]),
            state=ParcelState(row["state"]),
            created_at=from_text(row["created_at"]),
            tries=row["tries"],
            unknown=bool(row["unknown"]),
            unknown_since=self._moment(begun),
            resent=bool(row["resent"]),
            realm=row["realm"],
            not_before=self._due(row),
            asked=bool(row["asked"]),
            receipt=row["receipt"],
            error=row["error"],
            reason=row["reason"],
        )

    def _due(self, row: Any) -> datetime | None:
        """When it may be tried again; where the machine's clock was set back meanwhile, after the whole wait once more."""
        if row["not_before"] is None:
            return None
        due, written = from_text(row["not_before"]), from_text(row["changed_at"])
        return min(due, self._clock.now() + (due - written))

    def _at(self, moment: float | None) -> str | None:
        """A monotonic time as text that outlives the process."""
        return None if moment is None else to_text(self._clock.now() - timedelta(seconds=self._clock.monotonic() - moment))

    def _moment(self, text: str | None) -> float | None:
        """The monotonic time; long ago where the machine's clock was set back meanwhile, so that nobody knows."""
        if text is None:
            return None
        age = (self._clock.now() - from_text(text)).total_seconds()
        return self._clock.monotonic() - (age if age >= 0 else LONG_AGO)


def _fared(row: Any) -> Fared:
    return Fared(row["id"], ParcelState(row["state"]), row["receipt"], bool(row["unknown"]), bool(row["resent"]))
