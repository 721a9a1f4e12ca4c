"""The orchestrators in front of language models against the contract, and that the contract notices what is wrong."""

import logging
from collections.abc import AsyncGenerator

import pytest

from parachute_core.clock import Clock
from parachute_core.model.errors import OrchestratorError
from parachute_core.model.turn import Done, Orchestrator, Turn, TurnEvent
from parachute_core.orchestrators import anthropic, openai
from parachute_core.orchestrators.context import OrchestratorContext
from parachute_core.testing.agents import AGENT_SCENARIOS, AgentScenario, ChatCompletionsApi, MessagesApi, ScriptedService, Trial

LOG = logging.getLogger("tests.agents")


def make_claude(*, base_url: str, api_key: str, model: str, silence: float, clock: Clock) -> Orchestrator:
    settings = anthropic.Settings(model=model, api_key=api_key, base_url=base_url, silence=silence)
    return anthropic.make_orchestrator(OrchestratorContext(settings, clock, LOG))


def make_openai(*, base_url: str, api_key: str, model: str, silence: float, clock: Clock) -> Orchestrator:
    settings = openai.Settings(model=model, api_key=api_key, base_url=base_url, silence=silence)
    return openai.make_orchestrator(OrchestratorContext(settings, clock, LOG))


@pytest.mark.parametrize("scenario", AGENT_SCENARIOS, ids=str)
async def test_anthropic(scenario: AgentScenario) -> None:
    async with ScriptedService(MessagesApi()) as service:
        await scenario.run(Trial(service, make_claude))


@pytest.mark.parametrize("scenario", AGENT_SCENARIOS, ids=str)
async def test_openai(scenario: AgentScenario) -> None:
    async with ScriptedService(ChatCompletionsApi()) as service:
        await scenario.run(Trial(service, make_openai))


class Gullible:
    """Takes every end for a good one."""

    def __init__(self, inner: Orchestrator) -> None:
        self._inner = inner

    async def answer(self, turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        try:
            async for event in self._inner.answer(turn):
                yield event
        except OrchestratorError:
            yield Done()


MUST_NOTICE = [
    one for one in AGENT_SCENARIOS if any(word in one.name for word in ("error", "drop", "clean", "nonsense", "refusal", "key", "long"))
]


@pytest.mark.parametrize("scenario", MUST_NOTICE, ids=str)
async def test_the_contract_notices_an_orchestrator_that_takes_every_end_for_a_good_one(scenario: AgentScenario) -> None:
    def make(*, base_url: str, api_key: str, model: str, silence: float, clock: Clock) -> Orchestrator:
        return Gullible(make_claude(base_url=base_url, api_key=api_key, model=model, silence=silence, clock=clock))

    async with ScriptedService(MessagesApi()) as service:
        with pytest.raises(AssertionError):
            await scenario.run(Trial(service, make))
