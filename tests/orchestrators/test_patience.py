"""How long the core goes on asking an agent that turns a turn away."""

import random
from dataclasses import replace

import pytest

from parachute_core.engine.patience import JITTER, WAITS, Patience
from parachute_core.model.errors import OrchestratorError, OrchestratorFault
from parachute_core.model.turn import Done, Notice, TextDelta, TurnEvent, Usage
from parachute_core.testing import FakeClock, ScriptedOrchestrator
from parachute_core.testing.agents import Trial

TURN = Trial.turn("Hello?")


def busy(retry_after: float | None = None) -> OrchestratorError:
    return OrchestratorError(OrchestratorFault.OVERLOADED, "busy", retryable=True, retry_after=retry_after)


async def ask(agent: ScriptedOrchestrator, clock: FakeClock, deadline: float = 600.0) -> list[TurnEvent]:
    patience = Patience(agent, clock, random.Random(1))
    async with clock.passing():
        return [event async for event in patience.answer(replace(TURN, deadline=deadline))]


async def test_the_waits_grow_and_every_try_has_what_is_left_of_the_time() -> None:
    clock, agent = FakeClock(), ScriptedOrchestrator(busy(), busy(), busy(), "at last")
    assert await ask(agent, clock) == [TextDelta("at last"), Done()]
    assert all(wait <= slept <= wait * (1 + JITTER) for wait, slept in zip(WAITS, clock.sleeps, strict=True))
    deadlines = [turn.deadline for turn in agent.turns]
    assert deadlines[0] == 600.0
    assert all(later <= earlier - slept for earlier, later, slept in zip(deadlines, deadlines[1:], clock.sleeps, strict=False))


@pytest.mark.parametrize(
    ("scripts", "deadline"),
    [
        ([busy()] * 4, 600.0),
        ([busy(61.0)], 600.0),
        ([busy(30.0)], 20.0),
        ([OrchestratorError(OrchestratorFault.INTERNAL, "no")], 600.0),
        ([[TextDelta("a"), busy()]], 600.0),
        ([[Notice("a"), busy()]], 600.0),
    ],
)
async def test_it_gives_up(scripts: list[OrchestratorError | list[TurnEvent | Exception]], deadline: float) -> None:
    agent = ScriptedOrchestrator(*scripts)
    with pytest.raises(OrchestratorError):
        await ask(agent, FakeClock(), deadline)
    assert len(agent.turns) == len(scripts)


async def test_what_a_try_in_vain_used_is_told_too() -> None:
    agent = ScriptedOrchestrator([Usage(5, 0), busy()], [TextDelta("ok"), Usage(5, 1), Done()])
    assert await ask(agent, FakeClock()) == [Usage(5, 0), TextDelta("ok"), Usage(5, 1), Done()]
