"""One lane for each chat that has work: its jobs run in order, and no chat waits for another."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from parachute_core.model.message import ChatRef

Job = Callable[[], Awaitable[None]]

log = logging.getLogger(__name__)


class Lane:
    """The jobs of one chat that wait, the one that runs, and the task that works through them."""

    __slots__ = ("running", "task", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[Job] = deque()
        self.running: Job | None = None
        self.task: asyncio.Task[None]


class Lanes:
    """Every busy chat's lane. An idle chat has none, so nothing grows with the number of chats ever seen."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lanes: dict[ChatRef, Lane] = {}
        self._unwinding: dict[ChatRef, asyncio.Task[None]] = {}

    def submit(self, chat: ChatRef, job: Job) -> bool:
        """Queue a job behind the chat's others. False: `capacity` jobs wait there already, and the job was not taken."""
        if self.full(chat):
            return False
        self.force(chat, job)
        return True

    def force(self, chat: ChatRef, job: Job) -> None:
        """Queue a job behind the chat's others, however many there are."""
        lane = self._lanes.get(chat)
        if lane is not None:
            lane.waiting.append(job)
            return
        lane = self._lanes[chat] = Lane()
        lane.waiting.append(job)
        lane.task = asyncio.create_task(self._work(chat, lane))

    def full(self, chat: ChatRef) -> bool:
        """Whether `capacity` jobs of this chat wait."""
        lane = self._lanes.get(chat)
        return lane is not None and len(lane.waiting) >= self._capacity

    def busy(self, chat: ChatRef) -> bool:
        """Whether a job of this chat runs or waits."""
        return chat in self._lanes

    def load(self) -> tuple[int, int]:
        """How many jobs run, and how many wait."""
        lanes = self._lanes.values()
        return sum(lane.running is not None for lane in lanes), sum(len(lane.waiting) for lane in lanes)

    def chats(self) -> list[ChatRef]:
        """The chats of which a job runs or waits."""
        return list(self._lanes)

    def cancel(self, chat: ChatRef, which: Callable[[Job], bool]) -> list[Job]:
        """Drop those jobs of the chat that wait, and cancel the one that runs if it is such a one; returns them.

        Other jobs go on once a cancelled one has unwound.
        """
        lane = self._lanes.get(chat)
        if lane is None:
            return []
        dropped = [job for job in lane.waiting if which(job)]
        kept = [job for job in lane.waiting if not which(job)]
        lane.waiting = deque(kept)
        if lane.running is None or not which(lane.running):
            return dropped
        dropped.insert(0, lane.running)
        self._unwind(chat, lane)
        for job in kept:
            self.force(chat, job)
        return dropped

    def _unwind(self, chat: ChatRef, lane: Lane) -> None:
        del self._lanes[chat]
        lane.waiting = deque()
        self._unwinding[chat] = lane.task
        lane.task.cancel()
        lane.task.add_done_callback(lambda task: self._unwound(chat, task))

    def _unwound(self, chat: ChatRef, task: "asyncio.Task[None]") -> None:
        if self._unwinding.get(chat) is task:
            del self._unwinding[chat]

    async def idle(self) -> None:
        """Return once no lane has work, cancelled ones included."""
        while tasks := self._tasks():
            await asyncio.wait(tasks)

    async def abort(self) -> list[ChatRef]:
        """Cancel everything and wait until it has unwound; returns the chats that had work."""
        chats = self.chats()
        for chat in chats:
            self._unwind(chat, self._lanes[chat])
        await self.idle()
        return chats

    def _tasks(self) -> set["asyncio.Task[None]"]:
        return {lane.task for lane in self._lanes.values()} | set(self._unwinding.values())

    async def _work(self, chat: ChatRef, lane: Lane) -> None:
        if (earlier := self._unwinding.get(chat)) is not None:
            await asyncio.wait({earlier})
        try:
            while lane.waiting:
                lane.running = lane.waiting.popleft()
                await self._run(chat, lane.running)
                lane.running = None
        finally:
            if self._lanes.get(chat) is lane:
                del self._lanes[chat]

    async def _run(self, chat: ChatRef, job: Job) -> None:
        try:
            await job()
        except Exception as error:
            log.error("a job of a chat failed", extra={"platform": chat.platform, "chat_id": chat.chat_id, "error": type(error).__name__})
            log.debug("a job of a chat failed", exc_info=error)
