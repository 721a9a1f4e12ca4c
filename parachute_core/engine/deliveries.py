"""What is to be said, kept until it is known what became of it: one queue for each chat that has some, and no chat waits for another."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from parachute_core.clock import Clock
from parachute_core.correlation import about
from parachute_core.engine.alarm import Alarm
from parachute_core.engine.attempts import PAUSE, Attempts, Consequences
from parachute_core.engine.dispatching import Dispatcher
from parachute_core.engine.ledger import Ledger
from parachute_core.engine.posting import Posting
from parachute_core.engine.queues import Queue, Queues
from parachute_core.model.decision import CORE, Decision, What
from parachute_core.model.errors import StoreError
from parachute_core.model.message import ChatRef
from parachute_core.model.parcel import Kept, Parcel, ParcelState
from parachute_core.store.group_commit import Statement
from parachute_core.store.outbox import Outbox
from parachute_core.store.unbroken import unbroken

log = logging.getLogger(__name__)


class Deliveries:
    """Posts parcels and brings them out, in order within a chat. What waits for a time or a platform has no task."""

    def __init__(self, outbox: Outbox, ledger: Ledger, dispatcher: Dispatcher, clock: Clock, follows: Consequences) -> None:
        self._outbox = outbox
        self._ledger = ledger
        self._dispatcher = dispatcher
        self._clock = clock
        self._recorded = follows.recorded
        self._tried = follows.tried
        self._queues = Queues(clock)
        self._taken_up: set[str] = set()
        self._alarm = Alarm(clock, self._ring)
        self._attempts = Attempts(self._queues, outbox, ledger, dispatcher, clock, self._alarm, follows)

    async def post(self, *parcels: Parcel, also: Sequence[Statement] = (), unknown: bool = False, insist: bool = False) -> Posting:
        """Keep parcels of one chat, with whatever `also` is to be written, and bring them out. Returns once they are kept.

        `unknown`: the first may be in the chat already. `insist`: wait for a store that takes nothing at the moment. Else raises
        `StoreError`; nothing is kept or said then.
        """
        queues, queue = self._queues, self._queues.of(parcels[0].outgoing.chat)
        kept = [self._outbox.new(one, ParcelState.QUEUED, unknown=unknown and not number) for number, one in enumerate(parcels)]
        if not queue.parcels and queues.may_begin(queue) and self._dispatcher.free(queue.chat):
            self._dispatcher.begin(kept[0])
        posting = Posting(tuple(one.id for one in kept))
        # In its place before it is written, so that what is posted meanwhile comes behind it.
        queue.parcels.extend(kept)
        queues.unwritten.update(posting.ids)
        queues.watch(posting)
        writes = [*also, *(self._outbox.put(one) for one in kept)]
        try:
            await (self._ledger.insist(*writes) if insist else unbroken(self._ledger.write(*writes)))
        except BaseException:
            if self._outbox.fared(kept[0].id) is None:  # else it was written before whoever posted it was cancelled
                for one in kept:
                    if one in queue.parcels:  # unless it was discarded meanwhile
                        queue.parcels.remove(one)
                queues.forget(posting)
            raise
        finally:
            queues.unwritten.difference_update(posting.ids)
            self._kick(queue)
        return posting

    async def note(self, *statements: Statement) -> None:
        """Write what needs no parcel. Raises `StoreError`; nothing is written then."""
        if statements:
            await unbroken(self._ledger.write(*statements))

    def waiting(self, chat: ChatRef) -> int:
        """How many parcels wait for the chat."""
        queue = self._queues.find(chat)
        return len(queue.parcels) if queue else 0

    def open(self, platform: str) -> None:
        """The platform has a connector: take up what waits for it, also from before the last start. Raises `StoreError`."""
        if platform not in self._taken_up:
            # Once: from then on memory knows more than the table, in which the last word on a parcel may not be written yet.
            self._queues.silent |= self._outbox.silent(platform)
            known = {one.id for queue in self._queues.all(platform) for one in queue.parcels}
            for kept in self._outbox.open_parcels(platform):
                if kept.id in known:
                    continue
                if kept.state is ParcelState.SENDING:
                    kept.state, kept.unknown = ParcelState.QUEUED, True
                self._queues.of(kept.chat).parcels.append(kept)
            for queue in self._queues.all(platform):
                if queue.parcels and (kept := queue.parcels[0]).asked and kept.not_before is not None:
                    queue.due, queue.asked = self._clock.monotonic() + (kept.not_before - self._clock.now()).total_seconds(), True
            self._taken_up.add(platform)
        for queue in self._queues.all(platform):
            if queue.asked and (wait := queue.due - self._clock.monotonic()) > 0:
                # A fresh connector's budget knows nothing of what the platform asked for.
                self._dispatcher.close(queue.chat, wait)
                self._alarm.set(queue.chat, queue.due)
        self._queues.open.add(platform)
        self.wake(platform)

    def close(self, platform: str) -> None:
        """The platform's connector is stopped: what waits for it stays where it is."""
        self._queues.open.discard(platform)
        for queue in self._queues.all(platform):
            self._queues.tell_waiting(queue)

    def wake(self, platform: str) -> None:
        """The platform was just proven alive: what waits for it is due, but for what it asked itself to wait."""
        for queue in self._queues.all(platform):
            if not queue.asked:
                queue.due = 0.0
            self._kick(queue)

    async def heard(self, chat: ChatRef) -> None:
        """The chat wrote something, so it can be reached. Raises `StoreError`."""
        if chat in self._queues.silent:
            row = self._recorded(Decision(What.CHAT_HEARD, CORE, chat.platform, chat.chat_id, why="it wrote again"))
            await self._ledger.write(self._outbox.heard(chat), beside=[row])
            self._queues.silent.discard(chat)
        queue = self._queues.find(chat)
        if queue is not None and not queue.asked:
            queue.due = 0.0
            self._kick(queue)

    async def discard(self, which: Callable[[Parcel], bool], reason: str) -> int:
        """What waits and is such a parcel shall not arrive any more, from this moment; returns how many texts that were."""
        doomed = [(queue, kept) for queue in self._queues.all() for kept in queue.parcels if which(kept.parcel)]
        await self._attempts.discard(doomed, reason)
        for queue, _ in doomed:
            self._kick(queue)
        return len({kept.parcel.whole for _, kept in doomed})

    async def discard_one(self, number: int, reason: str, beside: Sequence[Statement] = ()) -> bool:
        """This parcel, and what belongs to it and waits behind it, shall not arrive any more. False: it does not wait here."""
        for queue in self._queues.all():
            parts = [one for one in queue.parcels if one.id == number]
            if parts:
                parts = queue.of_whole(parts[0])
                parts = parts[[one.id for one in parts].index(number) :]
                await self._attempts.discard([(queue, kept) for kept in parts], reason, beside)
                self._kick(queue)
                return True
        return False

    async def revive(self, kept: Kept, beside: Sequence[Statement] = ()) -> None:
        """Bring out what was held or given up, as if it had not been tried, behind what waits for its chat.

        Raises `StoreError`; it is as it was then.
        """
        queue = self._queues.of(kept.chat)
        fresh, write = self._outbox.revived(kept)
        queue.parcels.append(fresh)
        self._queues.unwritten.add(fresh.id)
        try:
            await self._ledger.write(write, beside=beside)
        except StoreError:
            queue.parcels.remove(fresh)
            raise
        finally:
            self._queues.unwritten.discard(fresh.id)
            self._kick(queue)

    def is_open(self, platform: str) -> bool:
        """Whether the platform has a connector, so that all that waits for it is in hand here."""
        return platform in self._queues.open

    async def move(self, old: ChatRef, new: ChatRef) -> None:
        """A chat has another id: what waits for it goes there. A call that is under way follows the chat by itself."""
        queue = self._queues.find(old)
        if queue is None:
            return
        moved = list(queue.parcels)
        self._queues.rename(queue, new)
        for kept in moved:
            kept.parcel = replace(kept.parcel, outgoing=replace(kept.parcel.outgoing, chat_id=new.chat_id))
        written = [self._outbox.move(one) for one in moved if one.id not in self._queues.unwritten]
        if written:
            await self._ledger.insist(*written)
        self._ring_when_due(self._queues.of(new))
        self._kick(queue)

    async def idle(self) -> None:
        """Return once nothing is under way; what waits for a time or a platform does not count."""
        while tasks := self._tasks():
            await asyncio.wait(tasks)

    async def stop(self) -> None:
        """Bring out nothing any more. What is under way may have arrived, and counts as that at the next start."""
        self._queues.open.clear()
        tasks = self._tasks()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self._alarm.close()

    def _tasks(self) -> set["asyncio.Task[None]"]:
        return {queue.task for queue in self._queues.all() if queue.task is not None}

    def _ring(self, chat: ChatRef) -> None:
        if (queue := self._queues.find(chat)) is not None:
            self._kick(queue)

    def _ring_when_due(self, queue: Queue) -> None:
        if queue.due > self._clock.monotonic():
            self._alarm.set(queue.chat, queue.due)

    def _kick(self, queue: Queue) -> None:
        """Let a queue go on, if it can; where its chat has another one by now, that."""
        if queue.task is not None:
            return
        left, queue = queue, self._queues.rejoined(queue)
        if queue is not left:
            self._ring_when_due(queue)
        if queue.task is not None:
            return
        if not queue.parcels:
            self._queues.drop(queue)
        elif self._queues.may_go(queue):
            queue.task = asyncio.create_task(self._work(queue))
        else:
            self._queues.tell_waiting(queue)

    async def _work(self, queue: Queue) -> None:
        try:
            while queue.parcels and self._queues.may_go(queue) and self._queues.find(queue.chat) is queue:
                kept = queue.parcels[0]
                outgoing = kept.parcel.outgoing
                with about(
                    platform=outgoing.platform,
                    chat_id=outgoing.chat_id,
                    turn=kept.parcel.inbox,
                    session_id=outgoing.session_id,
                    delivery=kept.id,
                ):
                    said = await self._attempts.make(queue, kept)
                self._tried(kept)
                if said:
                    await self.post(*said, insist=True)
        except Exception as error:
            log.error("a chat's deliveries were interrupted", extra={"platform": queue.chat.platform, "error": type(error).__name__})
            log.debug("a chat's deliveries were interrupted", exc_info=error)
            queue.due = self._clock.monotonic() + PAUSE
            self._alarm.set(queue.chat, queue.due)
        finally:
            queue.task = None
            self._kick(queue)
