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
from parachute_core.model.decision import CORE, Decision, What
from parachute_core.model.errors import Held, NotDelivered, Postponed, Rejected, SendError, StoreError, Unreachable, Withheld
from parachute_core.model.outgoing import Receipt
from parachute_core.model.parcel import Kept, Parcel, ParcelState
from parachute_core.store.group_commit import Statement
from parachute_core.store.outbox import Outbox
from parachute_core.store.unbroken import unbroken

PAUSE = 30.0
"""Seconds before a call is made again after something that should not happen."""
EARLIER_PART = "an earlier part of it was not delivered"
FOR_THE_RECORD = {
    What.DELIVERY_HELD: "it may have arrived: {}",
    What.DELIVERY_GIVEN_UP: "given up: {}",
    What.CHAT_SILENT: "the chat takes nothing: {}",
}
"""With the class of the error; its text may quote the platform's answer."""

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
    recorded: Callable[[Decision], Statement]
    """What puts a decision on record."""
    tried: Callable[[Kept], None] = lambda _kept: None
    """Told after each try; the parcel's state says what came of it."""


class Attempts:
    """Makes tries."""

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
            await self.discard([(queue, kept)], why)
            return ()
        try:
            receipt = await self._dispatcher.send(kept)
        except Withheld as withheld:
            return await self._give_up(queue, kept, ParcelState.DISCARDED, withheld)
        except Exception as error:  # noqa: BLE001 - a layer may raise anything
            if kept.state is ParcelState.DISCARDED:  # somebody was faster; what became of the call changes nothing
                return ()
            return await self._failed(queue, kept, error)
        await self._deliver(queue, kept, receipt)
        return ()

    async def _failed(self, queue: Queue, kept: Kept, error: Exception) -> Iterable[Parcel]:
        match error:
            case Postponed():
                await self._postpone(queue, kept, error)
            case Held():
                await self._hold(queue, kept, error)
            case Unreachable():
                await self._silence(queue, kept, error)
            case SendError():
                return await self._give_up(queue, kept, ParcelState.DEAD, error)
            case _:  # a layer's own mistake, or its store's
                log.error("a layer failed", extra={"platform": queue.chat.platform, "error": type(error).__name__})
                log.debug("a layer failed", exc_info=error)
                await self._postpone(queue, kept, Postponed(PAUSE, NotDelivered(f"a plugin failed: {type(error).__name__}")))
        return ()

    async def discard(self, doomed: Sequence[tuple[Queue, Kept]], reason: str, beside: Sequence[Statement] = ()) -> None:
        """They shall not arrive any more, from this moment; one that is under way is stopped at its next repetition.

        `beside`: see `Ledger.write`.
        """
        writes: list[Statement] = []
        for queue, kept in doomed:
            kept.state, kept.reason = ParcelState.DISCARDED, reason
            queue.parcels.remove(kept)
            writes += [self._outbox.change(kept), *self._follows.settled(kept.parcel)]
        if writes:
            await self._ledger.promise(*writes, beside=beside)
        for _, kept in doomed:
            self._queues.tell(kept, Outcome(Fate.WITHHELD, Withheld(reason)))

    async def _deliver(self, queue: Queue, kept: Kept, receipt: Receipt) -> None:
        """The receipt and the beginning of the next part are one write."""
        if kept.state is ParcelState.DISCARDED:  # somebody was faster; that it arrived all the same changes nothing
            return
        kept.state, kept.receipt, kept.error, kept.reason = ParcelState.SENT, receipt.message_id, None, None
        queue.parcels.remove(kept)  # no longer the first, where another chat's parcels came before it meanwhile
        writes = [self._outbox.change(kept), *self._follows.settled(kept.parcel)]
        following = queue.parcels[0] if queue.parcels and self._queues.may_go(queue) else None
        if following is not None and self._dispatcher.void(following) is None and self._dispatcher.free(following.chat):
            self._dispatcher.begin(following)
            writes.append(self._outbox.change(following))
        await self._write_arrival(writes, self._follows.remembered(kept.parcel))
        self._queues.arrived(kept)

    async def _write_arrival(self, writes: Sequence[Statement], memory: Sequence[Statement]) -> None:
        try:
            await unbroken(self._ledger.write(*writes, *memory))
        except StoreError as error:
            if memory:
                log.error("a turn could not be kept", extra={"error": str(error)})
            await self._ledger.insist(*writes)

    async def _postpone(self, queue: Queue, kept: Kept, postponed: Postponed) -> None:
        kept.state = ParcelState.QUEUED
        kept.not_before = self._clock.now() + timedelta(seconds=postponed.seconds)
        cause = postponed.cause
        kept.asked = isinstance(cause, NotDelivered) and bool(cause.retry_after)
        _note(kept, cause)
        await self._ledger.insist(self._outbox.change(kept))
        queue.due = self._clock.monotonic() + postponed.seconds
        queue.asked = kept.asked
        self._alarm.set(queue.chat, queue.due)
        log.warning("a message waits for its platform", extra={**_facts(kept), "seconds": round(postponed.seconds, 1)})
        self._queues.tell_waiting(queue)

    async def _hold(self, queue: Queue, kept: Kept, held: Held) -> None:
        """It no longer stands in anybody's way; what belongs to it and comes behind it is held with it."""
        log.warning("a message is held: it may have arrived", extra=_facts(kept))
        await self._end(queue, queue.of_whole(kept), ParcelState.HELD, What.DELIVERY_HELD, lambda _: held.cause)
        self._queues.tell(kept, Outcome(Fate.WAITING))

    async def _silence(self, queue: Queue, kept: Kept, error: Unreachable) -> None:
        """What waits for the chat goes on waiting, until it writes."""
        kept.state = ParcelState.QUEUED
        _note(kept, error)
        self._queues.silent.add(queue.chat)
        row = self._follows.recorded(decision_on(What.CHAT_SILENT, kept))
        await self._ledger.insist(self._outbox.change(kept), self._outbox.silence(queue.chat, str(error)), beside=[row])
        log.warning("a chat takes nothing", extra=_facts(kept))
        self._queues.tell_waiting(queue)

    async def _give_up(self, queue: Queue, kept: Kept, state: ParcelState, error: SendError) -> Sequence[Parcel]:
        """It, and what belongs to it and comes behind it, will not arrive."""
        if state is ParcelState.DEAD:
            log.warning("a message was not delivered", extra={**_facts(kept), "error": type(error).__name__})
        what = What.DELIVERY_GIVEN_UP if state is ParcelState.DEAD else None
        await self._end(queue, queue.of_whole(kept), state, what, lambda one: error if one is kept else Rejected(EARLIER_PART))
        self._queues.tell(kept, Outcome(Fate.WITHHELD if state is ParcelState.DISCARDED else Fate.LOST, error))
        return self._follows.said(kept.parcel, error)

    async def _end(
        self, queue: Queue, ended: Sequence[Kept], state: ParcelState, what: What | None, why: Callable[[Kept], SendError]
    ) -> None:
        """All of them or none: what is left of a text after a crash in between would come without its beginning."""
        writes: list[Statement] = []
        for one in ended:
            queue.parcels.remove(one)
            one.state = state
            _note(one, why(one))
            writes += [self._outbox.change(one), *self._follows.settled(one.parcel)]
        if writes:
            beside = [self._follows.recorded(decision_on(what, one)) for one in ended] if what is not None else []
            await self._ledger.insist(*writes, beside=beside)


def decision_on(what: What, kept: Kept, who: str | None = CORE, why: str | None = None) -> Decision:
    """For the record: what was decided about a parcel, and why: unless that is said, for which error it was."""
    outgoing, grant = kept.parcel.outgoing, kept.parcel.grant
    return Decision(
        what,
        who,
        platform=outgoing.platform,
        chat_id=outgoing.chat_id,
        user_id=grant.user_id if grant is not None else None,
        session_id=outgoing.session_id,
        delivery=kept.id,
        why=why or FOR_THE_RECORD[what].format(kept.error),
    )


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
