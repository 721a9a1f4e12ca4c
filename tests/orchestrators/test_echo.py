"""The orchestrator of a fresh start."""

import logging
from collections.abc import Callable

import pytest
from pydantic import ValidationError

from parachute_core.clock import SystemClock
from parachute_core.model.turn import Done, TextDelta, Turn
from parachute_core.orchestrators import echo
from parachute_core.orchestrators.context import OrchestratorContext


@pytest.mark.parametrize("text", ["", "x", "hello", "🪂 jump", "a\nb\nc"])
async def test_it_says_the_text_again_and_is_done(text: str, make_turn: Callable[..., Turn]) -> None:
    orchestrator = echo.make_orchestrator(OrchestratorContext(echo.Settings(), SystemClock(), logging.getLogger("tests.echo")))
    events = [event async for event in orchestrator.answer(make_turn(text))]
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == text
    assert isinstance(events[-1], Done)
    assert all(isinstance(event, TextDelta) and event.text for event in events[:-1])


def test_it_has_no_settings() -> None:
    with pytest.raises(ValidationError):
        echo.Settings.model_validate({"loud": True})
