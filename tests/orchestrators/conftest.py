"""Commands to talk with: small programs, really started."""

import logging
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from parachute_core.clock import SystemClock
from parachute_core.model.errors import OrchestratorError
from parachute_core.model.trust import TrustLevel
from parachute_core.model.turn import HistoryEntry, Orchestrator, TextDelta, Turn, TurnEvent
from parachute_core.orchestrators import command
from parachute_core.orchestrators.context import OrchestratorContext
from tests.programs import nothing_left_behind

__all__ = ["nothing_left_behind"]

PRELUDE = """
import json, os, signal, subprocess, sys, time
def say(**line):
    print(json.dumps(line), flush=True)
"""


class Answer:
    """What came of a turn."""

    def __init__(self) -> None:
        self.events: list[TurnEvent] = []
        self.error: OrchestratorError | None = None

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, TextDelta))


@pytest.fixture
def make_turn() -> Callable[..., Turn]:
    def make(text: str = "hello", *, deadline: float = 30, history: tuple[HistoryEntry, ...] = ()) -> Turn:
        return Turn("s1", text, history, deadline, TrustLevel.SANDBOXED)

    return make


@pytest.fixture
def make_command() -> Callable[..., Orchestrator]:
    """`make_command(script, secrets=…, environ=…, **settings)`: an orchestrator that runs a Python script."""

    def make(
        script: str, *, secrets: frozenset[str] = frozenset(), environ: Mapping[str, str] = os.environ, **settings: Any
    ) -> Orchestrator:
        validated = command.Settings.model_validate({"argv": [sys.executable, "-c", PRELUDE + script], **settings})
        context = OrchestratorContext(validated, SystemClock(), logging.getLogger("tests.command"), secrets, environ)
        return command.make_orchestrator(context)

    return make


@pytest.fixture
def ask(make_command: Callable[..., Orchestrator], make_turn: Callable[..., Turn]) -> Callable[..., Any]:
    """`await ask(script, turn=…, **make_command's)`: the whole `Answer` of one turn, its error included."""

    async def work(script: str, *, turn: Turn | None = None, **more: Any) -> Answer:
        answer = Answer()
        try:
            async for event in make_command(script, **more).answer(turn or make_turn()):
                answer.events.append(event)
        except OrchestratorError as error:
            answer.error = error
        return answer

    return work
