"""Asks the agent again when it is overloaded, for as long as nobody has read anything of its answer."""

import logging
import random
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace

from parachute_core.clock import Clock
from parachute_core.model.errors import OrchestratorError
from parachute_core.model.turn import Notice, Orchestrator, TextDelta, Turn, TurnEvent

WAITS = (1.0, 4.0, 15.0)
"""Seconds before each further try, unless the agent asks for a longer wait."""
LONGEST_WAIT = 60.0
"""Seconds; an agent that asks for a longer wait is not asked again: the user is told at once."""
JITTER = 0.25
"""The most by which a wait is drawn out, as a share of it: not every chat is to come back at the same moment."""

log = logging.getLogger(__name__)


class Patience:
    """An `Orchestrator` that stands in front of another one. The turn's deadline holds for all tries together."""

    def __init__(self, orchestrator: Orchestrator, clock: Clock, rng: random.Random) -> None:
        self._orchestrator = orchestrator
        self._clock = clock
        self._rng = rng

    async def answer(self, turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        """See `Orchestrator.answer`."""
        ends = self._clock.monotonic() + turn.deadline
        for wait in (*WAITS, None):
            begun = False
            try:
                async with aclosing(self._orchestrator.answer(turn)) as events:
                    async for event in events:
                        begun |= isinstance(event, TextDelta | Notice) and bool(event.text)
                        yield event
                return
            except OrchestratorError as error:
                if wait is None or begun or error.partial or not error.retryable:
                    raise
                pause = max(wait, error.retry_after or 0.0) * (1 + JITTER * self._rng.random())
                if (error.retry_after or 0.0) > LONGEST_WAIT or self._clock.monotonic() + pause >= ends:
                    raise
                log.info(
                    "the agent is asked again", extra={"session_id": turn.session_id, "kind": error.kind.value, "wait": round(pause, 1)}
                )
            await self._clock.sleep(pause)
            turn = replace(turn, deadline=ends - self._clock.monotonic())
