"""An agent that says what a test tells it to."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence

from parachute_core.model.turn import Done, TextDelta, Turn, TurnEvent

Script = str | Exception | Sequence[TurnEvent | Exception]


class ScriptedOrchestrator:
    """Answers each turn with the next of `answers`; with the question itself when there is none left."""

    def __init__(self, *answers: Script) -> None:
        self.answers: deque[Script] = deque(answers)
        self.turns: list[Turn] = []
        """What it was asked, oldest first."""
        self.closed = 0
        """Turns that ended, in whatever way."""
        self._begun = asyncio.Event()
        self._gate = asyncio.Event()
        self._gate.set()

    def hold(self) -> None:
        """Coming turns wait, before their first word, until `release`."""
        self._gate.clear()

    def release(self) -> None:
        """Let waiting and coming turns answer."""
        self._gate.set()

    async def asked(self, count: int = 1, within: float = 5.0) -> None:
        """Return once `count` turns were begun in all. Fails after `within` real seconds."""
        async with asyncio.timeout(within):
            while len(self.turns) < count:
                self._begun.clear()
                await self._begun.wait()

    async def answer(self, turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        """See `Orchestrator.answer`."""
        self.turns.append(turn)
        self._begun.set()
        script = self.answers.popleft() if self.answers else turn.text
        try:
            await self._gate.wait()
            if isinstance(script, Exception):
                raise script
            steps: Sequence[TurnEvent | Exception] = [TextDelta(script), Done()] if isinstance(script, str) else script
            for step in steps:
                if isinstance(step, Exception):
                    raise step
                yield step
        finally:
            self.closed += 1
