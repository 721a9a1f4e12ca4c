"""The web chat against the conformance suite."""

import pytest

from parachute_core.testing.conformance import Scenario, scenarios_for
from parachute_core.testing.counterparts.web import WebCounterpart
from tests.conformance.known import cases


@pytest.mark.parametrize("scenario", cases(scenarios_for(WebCounterpart), {}))
async def test_web(scenario: Scenario) -> None:
    async with WebCounterpart() as counterpart:
        await scenario.run(counterpart)
