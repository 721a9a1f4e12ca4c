"""What a scenario is tried with: a scripted service, and the orchestrator that asks it."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol

from parachute_core.clock import Clock
from parachute_core.model.errors import OrchestratorError
from parachute_core.model.trust import TrustLevel
from parachute_core.model.turn import HistoryEntry, Orchestrator, Overheard, TextDelta, Turn, TurnEvent, Usage
from parachute_core.testing.agents.service import MODEL, ScriptedService
from parachute_core.testing.clock import FakeClock


class Make(Protocol):
    """Makes the orchestrator that is tried."""

    def __call__(self, *, base_url: str, api_key: str, model: str, silence: float, clock: Clock) -> Orchestrator:
        """`silence`: the seconds after which it gives up waiting for the next piece."""
        ...


SILENCE = 30.0


@dataclass(slots=True)
class Heard:
    """What came of a turn."""

    events: list[TurnEvent] = field(default_factory=list)
    error: OrchestratorError | None = None

    @property
    def text(self) -> str:
        """The answer, as far as it came."""
        return "".join(one.text for one in self.events if isinstance(one, TextDelta))

    @property
    def usage(self) -> tuple[int, int, int, int]:
        """Tokens in all: read anew, written, read from the cache, put into the cache."""
        told = [one for one in self.events if isinstance(one, Usage)]
        return (
            sum(one.input_tokens for one in told),
            sum(one.output_tokens for one in told),
            sum(one.cached_tokens for one in told),
            sum(one.cache_write_tokens for one in told),
        )


class Trial:
    """One orchestrator before one service, on a clock that stands still."""

    def __init__(self, service: ScriptedService, make: Make) -> None:
        self.service = service
        self.clock = FakeClock()
        self._make = make

    def orchestrator(self, api_key: str | None = None) -> Orchestrator:
        """A new one, with the key that the service takes if no other is named."""
        key = self.service.key if api_key is None else api_key
        return self._make(base_url=self.service.base_url, api_key=key, model=MODEL, silence=SILENCE, clock=self.clock)

    async def ask(
        self,
        text: str = "What's up?",
        history: tuple[HistoryEntry, ...] = (),
        *,
        sender: str | None = None,
        overheard: tuple[Overheard, ...] = (),
        api_key: str | None = None,
    ) -> Heard:
        """One turn to its end."""
        heard = Heard()
        turn = self.turn(text, history, sender=sender, overheard=overheard)
        try:
            async with aclosing(self.orchestrator(api_key).answer(turn)) as events:
                async for event in events:
                    heard.events.append(event)
        except OrchestratorError as error:
            heard.error = error
        return heard

    @staticmethod
    def turn(
        text: str,
        history: tuple[HistoryEntry, ...] = (),
        *,
        sender: str | None = None,
        overheard: tuple[Overheard, ...] = (),
    ) -> Turn:
        """A turn to ask with."""
        return Turn("session-1", text, history, 600.0, TrustLevel.SANDBOXED, sender, overheard)


@dataclass(frozen=True, slots=True)
class AgentScenario:
    """`run(trial)` raises `AssertionError` when the orchestrator did not do what it must."""

    name: str
    run: Callable[[Trial], Awaitable[None]]

    def __str__(self) -> str:
        return self.name
