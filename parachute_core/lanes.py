"""One lane for each chat that has work: its jobs run in order, and no chat waits for another."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from parachute_core.model.message import ChatRef

Job = Callable[[], Awaitable[None]]

log = logging.getLogger(__name__)


class Lane:
    """The jobs of one chat that wait, and the task that works through them."""

    __slots__ = ("task", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[Job] = deque()
        self.task: asyncio.Task[None]


class Lanes:
    """Every busy chat's lane. An idle chat has none, so nothing grows with the number of chats ever seen."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._lanes: dict[ChatRef, Lane] = {}
        self._unwinding: dict[ChatRef, asyncio.Task[None]] = {}

    def submit(self, chat: ChatRef, job: Job) -> bool:
        """Queue a job behind the chat's others. False: `capacity` jobs wait there already, and the job was not taken."""
        lane = self._lanes.get(chat)
        if lane is None:
            lane = self._lanes[chat] = Lane()
            lane.waiting.append(job)
            lane.task = asyncio.create_task(self._work(chat, lane))
            return True
        if len(lane.waiting) >= self._capacity:
            return False
        lane.waiting.append(job)
        return True

    def busy(self, chat: ChatRef) -> bool:
        """Whether a job of this chat runs or waits."""
        return chat in self._lanes

    def cancel(self, chat: ChatRef) -> None:
        """Drop what waits in the chat's lane and cancel what runs; later jobs start once it has unwound."""
        lane = self._lanes.pop(chat, None)
        if lane is None:
            return
        lane.waiting.clear()
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
        chats = list(self._lanes)
        for chat in chats:
            self.cancel(chat)
        await self.idle()
        return chats

    def _tasks(self) -> set["asyncio.Task[None]"]:
        return {lane.task for lane in self._lanes.values()} | set(self._unwinding.values())

    async def _work(self, chat: ChatRef, lane: Lane) -> None:
        if (earlier := self._unwinding.get(chat)) is not None:
            await asyncio.wait({earlier})
        try:
            while lane.waiting:
                await self._run(chat, lane.waiting.popleft())
        finally:
            if self._lanes.get(chat) is lane:
                del self._lanes[chat]

    async def _run(self, chat: ChatRef, job: Job) -> None:
        try:
            await job()
        except Exception as error:
            log.error("a job of a chat failed", extra={"platform": chat.platform, "chat_id": chat.chat_id, "error": type(error).__name__})
            log.debug("a job of a chat failed", exc_info=error)
