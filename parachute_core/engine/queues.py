"""What waits for each chat, in order, and who waits for it."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from parachute_core.clock import Clock
from parachute_core.engine.posting import Fate, Outcome, Posting
from parachute_core.model.message import ChatRef
from parachute_core.model.parcel import Kept


@dataclass(slots=True, eq=False)
class Queue:
    """What waits for one chat, and the task that works through it."""

    chat: ChatRef
    parcels: deque[Kept] = field(default_factory=deque)
    due: float = 0.0
    """Monotonic seconds before which the first of them is not tried."""
    asked: bool = False
    """Whether it was the platform that asked for this wait."""
    task: "asyncio.Task[None] | None" = None

    def of_whole(self, kept: Kept) -> list[Kept]:
        """The parts of the same text that wait."""
        return [one for one in self.parcels if one.parcel.whole == kept.parcel.whole]


class Queues:
    """Every chat for which something waits; the others have no queue, so nothing grows with the number of chats ever seen."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queues: dict[ChatRef, Queue] = {}
        self._leaving: set[Queue] = set()
        """Of chats that have another id: with a call under way, while another one is under way to the new id."""
        self._postings: dict[int, Posting] = {}
        self.open: set[str] = set()
        """Platforms that have a connector."""
        self.silent: set[ChatRef] = set()
        """Chats that take nothing."""
        self.unwritten: set[int] = set()
        """Parcels that are not kept yet, so may not leave."""

    def of(self, chat: ChatRef) -> Queue:
        """The chat's queue, made when there is none."""
        return self._queues.setdefault(chat, Queue(chat))

    def find(self, chat: ChatRef) -> Queue | None:
        """The chat's queue, or None when nothing waits for it."""
        return self._queues.get(chat)

    def all(self, platform: str | None = None) -> list[Queue]:
        """Every queue, or those of a platform."""
        return [queue for queue in (*self._queues.values(), *self._leaving) if platform in (None, queue.chat.platform)]

    def rename(self, queue: Queue, new: ChatRef) -> None:
        """Its chat has another id.

        What waits under the new id already stays behind it, unless a call to that is under way.
        """
        del self._queues[queue.chat]
        there, queue.chat = self._queues.get(new), new
        if there is None or there.task is None:
            queue.parcels.extend(there.parcels if there is not None else ())
            self._queues[new] = queue
            return
        # What belongs together stays so: when one part is given up, those behind it are too.
        begun = queue.of_whole(queue.parcels[0]) if queue.task is not None and queue.parcels else []
        there.parcels.extend(one for one in queue.parcels if one not in begun)
        queue.parcels = deque(begun)
        if queue.task is not None:
            self._leaving.add(queue)

    def rejoined(self, queue: Queue) -> Queue:
        """The queue that this one's chat has now; what was left in this one comes first there. No call of this one is under way."""
        there = self.of(queue.chat)
        if there is not queue:
            self._leaving.discard(queue)
            if queue.parcels:
                there.parcels.extendleft(reversed(queue.parcels))
                there.due, there.asked = max(there.due, queue.due), there.asked or queue.asked
                queue.parcels.clear()
        return there

    def drop(self, queue: Queue) -> None:
        """Nothing waits in it any more."""
        del self._queues[queue.chat]

    def reachable(self, chat: ChatRef) -> bool:
        """Whether a call to the chat makes sense."""
        return chat.platform in self.open and chat not in self.silent

    def may_begin(self, queue: Queue) -> bool:
        """Whether anything may leave now."""
        return self.reachable(queue.chat) and queue.due <= self._clock.monotonic()

    def may_go(self, queue: Queue) -> bool:
        """Whether the first parcel may leave now."""
        return self.may_begin(queue) and queue.parcels[0].id not in self.unwritten

    def watch(self, posting: Posting) -> None:
        """Somebody waits for these parcels."""
        self._postings.update(dict.fromkeys(posting.ids, posting))

    def forget(self, posting: Posting) -> None:
        """Nobody waits for them any more."""
        for number in posting.ids:
            self._postings.pop(number, None)

    def arrived(self, kept: Kept) -> None:
        """A parcel is delivered: tell who waits for it."""
        if (posting := self._postings.pop(kept.id, None)) is not None:
            posting.delivered(kept.id)

    def tell(self, kept: Kept, outcome: Outcome) -> None:
        """What becomes of a parcel is known: tell who waits for it, or for what belongs to it."""
        if (posting := self._postings.get(kept.id)) is not None:
            self.forget(posting)
            posting.settle(outcome)

    def tell_waiting(self, queue: Queue) -> None:
        """Nobody waits for what does not happen now."""
        for kept in queue.parcels:
            if kept.id not in self.unwritten:
                self.tell(kept, Outcome(Fate.WAITING))
