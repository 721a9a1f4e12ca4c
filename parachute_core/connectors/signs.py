"""What a chat sees of an answer in the making: a reaction on the message, and that the bot is typing. Lost signs cost nothing."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Protocol

from parachute_core.clock import Clock, within
from parachute_core.model.errors import NotDelivered, Rejected, SendError
from parachute_core.model.outgoing import Outgoing, Receipt, SendKind

LONGEST = 600.0
"""Seconds after which typing is no longer shown: as long as the longest turn."""
FLOOD_WAIT = 30.0
"""Seconds without signs after a refusal that names no time."""
CLOSE_WITHIN = 2.0
"""Seconds that reactions get to be taken off at a stop."""
MOST = 1000
"""Chats whose signs are shown at once; what comes on top has none."""


class SignCalls(Protocol):
    """The platform's calls behind the signs. Each raises `SendError`; a `NotDelivered` that names a wait silences all of them for it."""

    async def show_typing(self, chat_id: str, thread_id: str | None) -> None:
        """Show that the bot is typing, for as long as the platform does by itself."""
        ...

    async def hide_typing(self, chat_id: str, thread_id: str | None) -> None:
        """Show it no longer; where the platform has no such call, nothing."""
        ...

    async def react(self, chat_id: str, message_id: str) -> str | None:
        """Put the reaction on a message of a user; returns what takes it off, if the platform names it."""
        ...

    async def take_off(self, chat_id: str, message_id: str, reaction: str | None) -> None:
        """Take the reaction off. `reaction`: what `react` returned; None also where it was `Ambiguous`. Not called after a refusal."""
        ...


@dataclass(slots=True)
class Shown:
    """The signs of one chat."""

    after: "asyncio.Task[None] | None" = None
    """Takes away the signs that the chat had before these."""
    typing: "asyncio.Task[None] | None" = None
    thread_id: str | None = None
    reacted: "asyncio.Task[None] | None" = None
    message_id: str | None = None
    reaction: str | None = None


class Signs:
    """Shown in the background, one call after the other for each chat: nothing ever waits for a sign. Made anew for each connection."""

    def __init__(self, calls: SignCalls, clock: Clock, typing_every: float, may_show: Callable[[str], bool]) -> None:
        self._calls = calls
        self._clock = clock
        self._may_show = may_show
        self._typing_every = typing_every
        """Seconds after which a platform that is to go on showing it must be told again."""
        self._shown: dict[str, Shown] = {}
        self._clearing: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._shed_until = clock.monotonic()

    def show(self, outgoing: Outgoing) -> Receipt:
        """Take over a cosmetic call of the core; returns at once and raises nothing."""
        if outgoing.kind is SendKind.ACK and outgoing.target_id is not None:
            self._acknowledge(outgoing.chat_id, outgoing.target_id)
        elif outgoing.kind is SendKind.TYPING and outgoing.final:
            self._end(outgoing.chat_id)
        elif outgoing.kind is SendKind.TYPING:
            self._type(outgoing.chat_id, outgoing.place.thread_id)
        return Receipt()

    def shed(self, seconds: float | None) -> None:
        """Show nothing new for a while: the platform finds that too much is sent. None: it did not say for how long."""
        self._shed_until = max(self._shed_until, self._clock.monotonic() + (FLOOD_WAIT if seconds is None else seconds))

    async def close(self) -> None:
        """Take the reactions off, as far as that is quick; returns when nothing runs any more."""
        for chat_id in list(self._shown):
            self._end(chat_id)
        if self._tasks:
            with contextlib.suppress(TimeoutError):
                await within(self._clock, CLOSE_WITHIN, asyncio.wait(set(self._tasks)))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _of(self, chat_id: str) -> Shown | None:
        if chat_id not in self._shown and len(self._shown) >= MOST:
            return None
        return self._shown.setdefault(chat_id, Shown(self._clearing.get(chat_id)))

    def _type(self, chat_id: str, thread_id: str | None) -> None:
        shown = self._of(chat_id)
        if shown is not None and shown.typing is None:
            shown.thread_id = thread_id
            shown.typing = self._begin(self._keep_typing(shown, chat_id, thread_id))

    def _acknowledge(self, chat_id: str, message_id: str) -> None:
        shown = self._of(chat_id)
        if shown is not None and shown.reacted is None:
            shown.message_id = message_id
            shown.reacted = self._begin(self._react(shown, chat_id, message_id))

    def _end(self, chat_id: str) -> None:
        if (shown := self._shown.pop(chat_id, None)) is not None:
            clearing = self._clearing[chat_id] = self._begin(self._clear(chat_id, shown))
            clearing.add_done_callback(lambda task: self._cleared(chat_id, task))

    def _cleared(self, chat_id: str, task: "asyncio.Task[None]") -> None:
        if self._clearing.get(chat_id) is task:
            del self._clearing[chat_id]

    def _begin(self, work: Coroutine[None, None, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _keep_typing(self, shown: Shown, chat_id: str, thread_id: str | None) -> None:
        await _ended(shown.after)
        end = self._clock.monotonic() + LONGEST
        while self._clock.monotonic() < end:
            if not self._shedding and self._may_show(chat_id):
                with self._unimportant():
                    await self._calls.show_typing(chat_id, thread_id)
            await self._clock.sleep(self._typing_every)

    async def _react(self, shown: Shown, chat_id: str, message_id: str) -> None:
        await _ended(shown.after)
        if self._shedding or not self._may_show(chat_id):
            shown.message_id = None
            return
        with self._unimportant():
            try:
                shown.reaction = await self._calls.react(chat_id, message_id)
            except (NotDelivered, Rejected):
                shown.message_id = None  # it is surely not there, so nothing is to be taken off
                raise

    async def _clear(self, chat_id: str, shown: Shown) -> None:
        """In order: a reaction that is still on its way is taken off once it is there."""
        if shown.typing is not None:
            shown.typing.cancel()
        await _ended(shown.after)
        if shown.typing is not None:
            await asyncio.wait({shown.typing})
            if not self._shedding:
                with self._unimportant():
                    await self._calls.hide_typing(chat_id, shown.thread_id)
        if shown.reacted is not None:
            await asyncio.wait({shown.reacted})
        if shown.message_id is not None:
            self._may_show(chat_id)  # it counts, but what was put on is taken off in any case
            with self._unimportant():
                await self._calls.take_off(chat_id, shown.message_id, shown.reaction)

    @property
    def _shedding(self) -> bool:
        return self._clock.monotonic() < self._shed_until

    @contextlib.contextmanager
    def _unimportant(self) -> Iterator[None]:
        try:
            yield
        except NotDelivered as error:
            if error.retry_after is not None:
                self.shed(error.retry_after)
        except SendError:
            return


async def _ended(task: "asyncio.Task[None] | None") -> None:
    if task is not None:
        await asyncio.wait({task})
