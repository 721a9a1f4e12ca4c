"""Answers with the text it got: for trying things out, and the default of a fresh start."""

from collections.abc import AsyncGenerator

from pydantic import BaseModel, ConfigDict

from parachute_core.model.turn import Done, TextDelta, Turn, TurnEvent
from parachute_core.orchestrators.context import OrchestratorContext


class Settings(BaseModel):
    """It has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Echo:
    """Says the text again, in two pieces, as an agent that streams would."""

    async def answer(self, turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        """See `Orchestrator.answer`."""
        middle = len(turn.text) // 2
        for piece in (turn.text[:middle], turn.text[middle:]):
            if piece:
                yield TextDelta(piece)
        yield Done()


def make_orchestrator(_context: OrchestratorContext) -> Echo:
    """The entry point."""
    return Echo()
