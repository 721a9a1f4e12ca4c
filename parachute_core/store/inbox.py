"""Every message that was taken over, until its answer is through: a crash loses none of them, and none is answered twice."""

from dataclasses import dataclass
from datetime import timedelta

from parachute_core.clock import Clock
from parachute_core.model.message import Inbound
from parachute_core.store.database import Database
from parachute_core.store.frozen import Frozen
from parachute_core.store.group_commit import Statement, Write
from parachute_core.store.timestamps import to_text

RECOGNISED = timedelta(hours=48)
"""How long a message is recognised when its platform delivers it again."""
MESSAGE = Frozen(Inbound)

PUT = Write(
    0,
    """
INSERT INTO inbox (number, platform, chat_id, message_id, state, message, session_id, generation, tries, taken_at)
VALUES (:number, :platform, :chat_id, :message_id, :state, :message, :session_id, :generation, 0, :taken_at)
ON CONFLICT (platform, chat_id, message_id) DO NOTHING""",
)
TRIED = Write(1, "UPDATE inbox SET tries = tries + 1 WHERE number = :number AND state = 'taken'")
SETTLE = Write(6, "UPDATE inbox SET state = 'settled', message = NULL WHERE number = :number AND state = 'taken'")
ASIDE = Write(6, "UPDATE inbox SET state = 'aside', message = NULL, reason = :reason WHERE number = :number AND state = 'taken'")
KNOWN = "SELECT 1 FROM inbox WHERE platform = :platform AND chat_id = :chat_id AND message_id = :message_id"
TAKEN = """
SELECT number, message, session_id, generation, tries FROM inbox WHERE platform = :platform AND state = 'taken'
    AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.inbox = inbox.number AND outbox.last = 1) ORDER BY number"""
PURGE = "DELETE FROM inbox WHERE state != 'taken' AND taken_at < :before AND number < (SELECT MAX(number) FROM inbox)"


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that was taken over, under its number."""

    number: int
    message: Inbound
    session_id: str | None
    """The chat's live session when it came, or None when it had none."""
    generation: int
    """The generation of its sender's grant when it came."""
    tries: int = 0
    """How often its turn was begun before."""


class Inbox:
    """The inbox table. Reads are of microseconds and raise `StoreError`; writes are statements for a group commit."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        row = database.read_one("SELECT COALESCE(MAX(number), 0) AS last FROM inbox")
        self._last: int = row["last"] if row else 0

    def knows(self, message: Inbound) -> bool:
        """Whether the platform delivered it before."""
        place = {"platform": message.platform, "chat_id": message.chat_id, "message_id": message.message_id}
        return self._database.read_one(KNOWN, place) is not None

    def new(self, message: Inbound, session_id: str | None, generation: int) -> Taken:
        """A message with a number of its own, not written yet."""
        self._last += 1
        return Taken(self._last, message, session_id, generation)

    def put(self, taken: Taken, *, settled: bool = False) -> Statement:
        """Write that it was taken over. `settled`: there is nothing more to do for it, so that its text is not kept."""
        message = taken.message
        return Statement(
            PUT,
            {
                "number": taken.number,
                "platform": message.platform,
                "chat_id": message.chat_id,
                "message_id": message.message_id,
                "state": "settled" if settled else "taken",
                "message": None if settled else MESSAGE.dump(message),
                "session_id": taken.session_id,
                "generation": taken.generation,
                "taken_at": to_text(self._clock.now()),
            },
        )

    def tried(self, number: int) -> Statement:
        """Write that its turn is begun."""
        return Statement(TRIED, {"number": number})

    def settle(self, number: int) -> Statement:
        """Write that its answer is through, or known not to be."""
        return Statement(SETTLE, {"number": number})

    def set_aside(self, number: int, reason: str) -> Statement:
        """Write that it will not be answered any more, and why."""
        return Statement(ASIDE, {"number": number, "reason": reason})

    def taken(self, platform: str) -> list[Taken]:
        """What was taken over and has no answer yet, oldest first; what has one is delivered by the outbox."""
        return [
            Taken(row["number"], MESSAGE.load(row["message"]), row["session_id"], row["generation"], row["tries"])
            for row in self._database.read_all(TAKEN, {"platform": platform})
        ]

    async def purge(self) -> None:
        """Forget what was settled long enough ago. Raises `StoreError`."""
        await self._database.execute(PURGE, {"before": to_text(self._clock.now() - RECOGNISED)})
