"""The example connector of `docs/writing-a-connector.md` against the conformance suite, as its author would run it."""

import pytest

from parachute_core.testing.conformance import Scenario, scenarios_for
from tests.conformance.parley.counterpart import ParleyCounterpart

pytestmark = pytest.mark.usefixtures("parley")


@pytest.mark.parametrize("scenario", scenarios_for(ParleyCounterpart), ids=str)
async def test_parley(scenario: Scenario) -> None:
    async with ParleyCounterpart() as counterpart:
        await scenario.run(counterpart)
