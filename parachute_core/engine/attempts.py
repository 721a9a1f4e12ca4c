"""One try to deliver the first parcel of a queue, and everything that may come of it. Whatever it is, it is written before it counts."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from parachute_core.clock import Clock
from parachute_core.engine.alarm import Alarm
from parachute_core.engine.dispatching import Dispatcher
from parachute_core.engine.ledger import Ledger
from parachute_core.engine.posting import Fate, Outcome
from parachute_core.engine.queues import Queue, Queues
from parachute_core.model.errors import Held, NotDelivered, Postponed, Rejected, SendError, StoreError, Unreachable, Withheld
from parachute_core.model.outgoing import Receipt
from parachute_core.model.parcel import Kept, Parcel, ParcelState
from parachute_core.store.group_commit import Statement
from parachute_core.store.outbox import Outbox

EARLIER_PART = "an earlier part of it was not delivered"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Consequences:
    """What else follows when the fate of a parcel is known."""

    settled: Callable[[Parcel], Sequence[Statement]]
    """What is written when it is through, in whatever way."""
    remembered: Callable[[Parcel], Sequence[Statement]]
    """What is written when it has arrived; that it cannot be is no reason to wait."""
    said: Callable[[Parcel, SendError], Sequence[Parcel]]
    """What is said when it was given up or withheld."""


class Attempts:
    """Makes tries. `said` is given what is to be said when something was lost."""

    def __init__(
        self, queues: Queues, outbox: Outbox, ledger: Ledger, dispatcher: Dispatcher, clock: Clock, alarm: Alarm, follows: Consequences
    ) -> None:
        self._queues = queues
        self._outbox = outbox
        self._ledger = ledger
        self._dispatcher = dispatcher
        self._clock = clock
        self._alarm = alarm
        self._follows = follows

    async def make(self, queue: Queue, kept: Kept) -> Iterable[Parcel]:
        """Try to deliver the first parcel of a queue; returns what is to be said because of it."""
        if (why := self._dispatcher.void(kept)) is not None:
            await self.discard(queue, kept, why)
            return ()
        if kept.state is ParcelState.QUEUED:
            self._dispatcher.begin(kept)
            await self._ledger.insist(self._outbox.change(kept))
        try:
            receipt = await self._dispatcher.send(kept)
        except Withheld as withheld:
            return await self._give_up(queue, kept, ParcelState.DISCARDED, withheld)
        except Postponed as postponed:
            await self._postpone(queue, kept, postponed)
        except Held as held:
            await self._hold(queue, kept, held)
        except Unreachable as error:
            await self._silence(queue, kept, error)
        except SendError as error:
            return await self._give_up(queue, kept, ParcelState.DEAD, error)
        else:
            await self._deliver(queue, kept, receipt)
        return ()

    async def discard(self, queue: Queue, kept: Kept, reason: str) -> None:
        """It shall not arrive any more; one that is under way is stopped at its next repetition."""
        kept.state, kept.reason = ParcelState.DISCARDED, reason
        with self._queues.leave(queue, kept):
            await self._ledger.insist(self._outbox.change(kept), *self._follows.settled(kept.parcel))
        self._queues.tell(kept, Outcome(Fate.WITHHELD, Withheld(reason)))

    async def _deliver(self, queue: Queue, kept: Kept, receipt: Receipt) -> None:
        """The receipt and the beginning of the next part are one write."""
        if kept.state is ParcelState.DISCARDED:  # somebody was faster; that it arrived all the same changes nothing
            return
        kept.state, kept.receipt, kept.error, kept.reason = ParcelState.SENT, receipt.message_id, None, None
        with self._queues.leave(queue, kept):
            writes = [self._outbox.change(kept), *self._follows.settled(kept.parcel)]
            following = queue.parcels[0] if queue.parcels and self._queues.may_go(queue) else None
            if following is not None and following.state is ParcelState.QUEUED and self._dispatcher.void(following) is None:
                self._dispatcher.begin(following)
                writes.append(self._outbox.change(following))
            await self._write_arrival(writes, self._follows.remembered(kept.parcel))
        self._queues.arrived(kept)

    async def _write_arrival(self, writes: Sequence[Statement], memory: Sequence[Statement]) -> None:
        try:
            await self._ledger.write(*writes, *memory)
        except StoreError as error:
            if memory:
                log.error("a turn could not be kept", extra={"error": str(error)})
            await self._ledger.insist(*writes)

    async def _postpone(self, queue: Queue, kept: Kept, postponed: Postponed) -> None:
        kept.state = ParcelState.QUEUED
        kept.not_before = self._clock.now() + timedelta(seconds=postponed.seconds)
        cause = postponed.cause
        _note(kept, cause)
        await self._ledger.insist(self._outbox.change(kept))
        queue.due = self._clock.monotonic() + postponed.seconds
        queue.asked = isinstance(cause, NotDelivered) and bool(cause.retry_after)
        self._alarm.set(queue.chat, queue.due)
        log.warning("a message waits for its platform", extra={**_facts(kept), "seconds": round(postponed.seconds, 1)})
        self._queues.tell_waiting(queue)

    async def _hold(self, queue: Queue, kept: Kept, held: Held) -> None:
        """It no longer stands in anybody's way; what belongs to it and comes behind it is held with it."""
        log.warning("a message is held: it may have arrived", extra=_facts(kept))
        whole = queue.of_whole(kept)
        with self._queues.leave(queue, *whole):
            for one in whole:
                one.state = ParcelState.HELD
                _note(one, held.cause)
                await self._ledger.insist(self._outbox.change(one), *self._follows.settled(one.parcel))
        self._queues.tell(kept, Outcome(Fate.WAITING))

    async def _silence(self, queue: Queue, kept: Kept, error: Unreachable) -> None:
        """What waits for the chat goes on waiting, until it writes."""
        kept.state = ParcelState.QUEUED
        _note(kept, error)
        self._queues.silent.add(queue.chat)
        await self._ledger.insist(self._outbox.change(kept), self._outbox.silence(queue.chat, str(error)))
        log.warning("a chat takes nothing", extra=_facts(kept))
        self._queues.tell_waiting(queue)

    async def _give_up(self, queue: Queue, kept: Kept, state: ParcelState, error: SendError) -> Sequence[Parcel]:
        """It, and what belongs to it and comes behind it, will not arrive."""
        if state is ParcelState.DEAD:
            log.warning("a message was not delivered", extra={**_facts(kept), "error": type(error).__name__})
        whole = queue.of_whole(kept)
        with self._queues.leave(queue, *whole):
            for one in whole:
                one.state = state
                _note(one, error if one is kept else Rejected(EARLIER_PART))
                await self._ledger.insist(self._outbox.change(one), *self._follows.settled(one.parcel))
        self._queues.tell(kept, Outcome(Fate.WITHHELD if state is ParcelState.DISCARDED else Fate.LOST, error))
        return self._follows.said(kept.parcel, error)


def _note(kept: Kept, error: SendError) -> None:
    kept.error, kept.reason = type(error).__name__, str(error)


def _facts(kept: Kept) -> dict[str, object]:
    outgoing = kept.parcel.outgoing
    return {
        "platform": outgoing.platform,
        "chat_id": outgoing.chat_id,
        "kind": outgoing.kind.value,
        "purpose": outgoing.purpose.value,
        "error": kept.error,
    }
