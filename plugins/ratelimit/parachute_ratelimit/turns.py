"""How many answers are in the making at once. Knows users and chats as keys; nothing here knows of messages or of time."""

import asyncio
from collections import Counter, deque
from collections.abc import Hashable
from dataclasses import dataclass

from parachute_ratelimit.layers import Per


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """A turn in the queue."""

    chat: Hashable
    user: Hashable
    turn_came: "asyncio.Future[None]"


class Turns:
    """The turns that run, and the queue of those that wait. A chat has one turn at a time, so one that begins again has ended."""

    def __init__(self, per_user: int | None, overall: int | None) -> None:
        self._per_user = per_user
        self._overall = overall
        self._running: dict[Hashable, Hashable] = {}
        """Chat to user."""
        self._of_user: Counter[Hashable] = Counter()
        self._queue: deque[Waiting] = deque()

    def begin(self, chat: Hashable, user: Hashable) -> Per | None:
        """Begin a turn: None when it fits, else whose cap is reached, and nothing has begun."""
        self.end(chat)
        cap = self._full(user)
        if cap is None:
            self._running[chat] = user
            self._of_user[user] += 1
        return cap

    async def wait_and_begin(self, chat: Hashable, user: Hashable) -> None:
        """Begin a turn as soon as it fits. Who came first is first, but nobody waits for one that only its own user holds up."""
        if self.begin(chat, user) is None:
            return
        waiting = Waiting(chat, user, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        try:
            await waiting.turn_came
        except asyncio.CancelledError:
            if waiting in self._queue:
                self._queue.remove(waiting)
            else:
                self.end(chat)  # its turn had come at the same moment
            raise

    def end(self, chat: Hashable) -> None:
        """End the chat's turn, if it has one, and begin those that fit now."""
        if chat not in self._running:
            return
        user = self._running.pop(chat)
        self._of_user[user] -= 1
        if not self._of_user[user]:
            del self._of_user[user]
        for waiting in list(self._queue):
            if self.begin(waiting.chat, waiting.user) is None:
                self._queue.remove(waiting)
                waiting.turn_came.set_result(None)

    def _full(self, user: Hashable) -> Per | None:
        """Whose cap keeps one more turn of `user` from beginning, or None when it fits."""
        if self._per_user is not None and self._of_user[user] >= self._per_user:
            return Per.USER
        return Per.ALL if self._overall is not None and len(self._running) >= self._overall else None

    def __len__(self) -> int:
        """How many turns run or wait."""
        return len(self._running) + len(self._queue)
