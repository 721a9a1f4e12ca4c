"""A language model's service that does what a script says, over a real socket."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from parachute_core.testing.agents.script import Asked, End, Reply
from parachute_core.testing.agents.wire import Wire
from parachute_core.testing.http import Answer, BrokenOff, JsonServer, Request, Streamed

KEY = "sk-scripted-key-0123456789"
MODEL = "scripted-model-1"


class ScriptedService(JsonServer):
    """Answers each request with the next of `replies`; with `Reply()` when there is none left. Use it as an async context manager."""

    def __init__(self, wire: Wire) -> None:
        super().__init__()
        self.wire = wire
        self.key = KEY
        """Any other key is turned away with 401."""
        self.replies: deque[Reply] = deque()
        self.asked_for: list[Asked] = []
        """The requests that were read, oldest first, those that were turned away included."""
        self._streaming = 0
        self._alone = asyncio.Event()
        self._alone.set()
        self._gate = asyncio.Event()
        self._gate.set()
        self.route("POST", wire.path, self._answer)

    @property
    def base_url(self) -> str:
        """What an orchestrator is given for it."""
        return self.url + self.wire.base

    def will(self, *replies: Reply) -> None:
        """Answer the next requests like this."""
        self.replies.extend(replies)

    def hold(self) -> None:
        """Coming answers stop behind their first piece of text, until `release`."""
        self._gate.clear()

    def release(self) -> None:
        """Let them go on."""
        self._gate.set()

    async def left_alone(self, within: float = 5.0) -> None:
        """Return once no answer is being sent any more. Fails after `within` real seconds."""
        async with asyncio.timeout(within):
            await self._alone.wait()

    async def _answer(self, request: Request) -> Answer:
        asked = self.wire.read(request.headers, request.json())
        self.asked_for.append(asked)
        reply = self.replies.popleft() if self.replies else Reply()
        status = reply.status if asked.key == self.key else 401
        if status != 200:
            return status, {"retry-after": reply.retry_after} if reply.retry_after else {}, self.wire.refusal(status, reply.named)
        return 200, {}, Streamed(self._pieces(reply, asked.model), "text/event-stream")

    async def _pieces(self, reply: Reply, model: str) -> AsyncIterator[bytes]:
        self._streaming += 1
        self._alone.clear()
        try:
            for piece in self.wire.opening(reply, model):
                yield piece
            for text in reply.text:
                yield self.wire.piece(text)
                await self._gate.wait()
            if reply.end is End.STALLED:
                await asyncio.Event().wait()
            if reply.end is End.DROPPED:
                raise BrokenOff
            for piece in self.wire.ending(reply):
                yield piece
        finally:
            self._streaming -= 1
            if not self._streaming:
                self._alone.set()
