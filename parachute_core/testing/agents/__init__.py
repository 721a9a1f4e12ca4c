"""What every orchestrator in front of a language model's service must do, tried over a socket. `docs/orchestrators.md` shows how to use it.

@pytest.mark.parametrize("scenario", AGENT_SCENARIOS, ids=str)
async def test_my_orchestrator(scenario: AgentScenario) -> None:
    async with ScriptedService(MessagesApi()) as service:
        await scenario.run(Trial(service, make))
"""

from parachute_core.testing.agents.contract import AGENT_SCENARIOS
from parachute_core.testing.agents.script import Asked, End, Reply
from parachute_core.testing.agents.service import KEY, MODEL, ScriptedService
from parachute_core.testing.agents.trial import AgentScenario, Make, Trial
from parachute_core.testing.agents.wire import ChatCompletionsApi, MessagesApi, Wire

__all__ = [
    "AGENT_SCENARIOS",
    "KEY",
    "MODEL",
    "AgentScenario",
    "Asked",
    "ChatCompletionsApi",
    "End",
    "Make",
    "MessagesApi",
    "Reply",
    "ScriptedService",
    "Trial",
    "Wire",
]
