"""The turns that wait or run, by chat: begun in order, stopped by whoever may, and taken up again after a crash."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from parachute_core.correlation import about
from parachute_core.engine.ledger import Ledger
from parachute_core.lanes import Job, Lanes
from parachute_core.model.decision import CORE, Decision, What
from parachute_core.model.message import ChatRef
from parachute_core.store.group_commit import Statement
from parachute_core.store.inbox import Inbox, Taken

WAITING = 32
"""Most messages of one chat that wait while another is answered."""
MOST_TRIES = 3
"""How often a message is taken up again after a crash."""

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class TurnJob:
    """One turn in its chat's lane."""

    taken: Taken
    run: Callable[["TurnJob"], Awaitable[None]]
    session_id: str | None = None
    """The session that it answers in, once that is known."""

    async def __call__(self) -> None:
        """Run it."""
        message = self.taken.message
        with about(platform=message.platform, chat_id=message.chat_id, message_id=message.message_id, turn=self.taken.number):
            await self.run(self)


class Turns:
    """Every turn of this process. A turn is over when its message is settled or set aside in the inbox."""

    def __init__(
        self, inbox: Inbox, ledger: Ledger, run: Callable[[TurnJob], Awaitable[None]], recorded: Callable[[Decision], Statement]
    ) -> None:
        self._inbox = inbox
        self._ledger = ledger
        self._run = run
        self._recorded = recorded
        self._lanes = Lanes(WAITING)
        self._taken_up: set[str] = set()

    def force(self, taken: Taken) -> None:
        """Queue the turn of a message that was kept behind the chat's others."""
        self._force(TurnJob(taken, self._run))

    def full(self, chat: ChatRef) -> bool:
        """Whether no more turns of the chat can wait."""
        return self._lanes.full(chat)

    def busy(self, chat: ChatRef) -> bool:
        """Whether a turn of the chat runs or waits."""
        return self._lanes.busy(chat)

    def load(self) -> tuple[int, int]:
        """How many turns run, and how many wait."""
        return self._lanes.load()

    def take_up(self, platform: str) -> None:
        """The platform has a connector: take up again what an earlier process did not bring to an end. Raises `StoreError`."""
        if platform not in self._taken_up:
            for taken in self._inbox.taken(platform):
                self._force(TurnJob(taken, self._again))
            self._taken_up.add(platform)

    async def stop(self, which: Callable[[TurnJob], bool], reason: str, chat: ChatRef | None = None) -> int:
        """End the turns that are such ones, in one chat or in all; their messages are set aside. Returns how many there were."""

        def stopped(job: Job) -> bool:
            return isinstance(job, TurnJob) and which(job)

        jobs = [job for place in ([chat] if chat else self._lanes.chats()) for job in self._lanes.cancel(place, stopped)]
        numbers = [job.taken.number for job in jobs if isinstance(job, TurnJob)]
        if numbers:
            await self._ledger.promise(*(self._inbox.set_aside(number, reason) for number in numbers))
        return len(numbers)

    async def idle(self) -> None:
        """Return once no turn runs or waits."""
        await self._lanes.idle()

    async def abort(self) -> list[ChatRef]:
        """Cancel every turn and leave its message taken: the next start takes it up again. Returns the chats that had some."""
        return await self._lanes.abort()

    def _force(self, job: TurnJob) -> None:
        self._lanes.force(job.taken.message.chat, job)

    async def _again(self, job: TurnJob) -> None:
        taken = job.taken
        facts = {"platform": taken.message.platform, "chat_id": taken.message.chat_id, "tries": taken.tries}
        if taken.tries >= MOST_TRIES:
            log.error("a message is set aside: its turn never came to an end", extra=facts)
            why, message = f"its turn was begun {taken.tries + 1} times in vain", taken.message
            row = self._recorded(Decision(What.MESSAGE_SET_ASIDE, CORE, message.platform, message.chat_id, message.user_id, why=why))
            await self._ledger.insist(self._inbox.set_aside(taken.number, why), beside=[row])
            return
        log.info("a message is taken up again", extra=facts)
        await self._ledger.insist(self._inbox.tried(taken.number))
        job.taken = replace(taken, tries=taken.tries + 1)
        await self._run(job)
