"""The agent of the scenarios: it answers with the question, but for what a scenario tells it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

from parachute_core.model.turn import Audio, Done, TextDelta, Turn, TurnEvent


class Agent:
    """An orchestrator that a scenario holds up, chat by chat, by what was asked."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        """What it was asked, oldest first."""
        self.finished: list[str] = []
        """The questions whose answer it gave to the end."""
        self.answers: dict[str, Sequence[str]] = {}
        """By question, the pieces that the answer comes in; a question that is not in here is its own answer."""
        self.failing: set[str] = set()
        """Questions at which it fails."""
        self._gates: dict[str, asyncio.Semaphore] = {}

    @property
    def asked(self) -> list[str]:
        """The questions, oldest first."""
        return [turn.text for turn in self.turns]

    def hold(self, question: str) -> None:
        """Before each piece of this answer wait for a `go_on`."""
        self._gates[question] = asyncio.Semaphore(0)

    def go_on(self, question: str, pieces: int = 1) -> None:
        """Give the next pieces."""
        for _ in range(pieces):
            self._gates[question].release()

    async def answer(self, turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        """See `Orchestrator.answer`."""
        self.turns.append(turn)
        gate = self._gates.get(turn.text)
        for piece in self.answers.get(turn.text, (turn.text,)):
            if gate is not None:
                await gate.acquire()
            if turn.text in self.failing:
                raise RuntimeError("the agent of a scenario fails")
            yield TextDelta(piece)
        self.finished.append(turn.text)
        yield Done()


class Reader:
    """A transcriber for recordings that are texts."""

    async def transcribe(self, audio: Audio) -> str:
        """See `Transcriber.transcribe`."""
        return audio.content.decode()
