"""Discord against the conformance suite."""

import pytest

from parachute_core.testing.conformance import Scenario, scenarios_for
from parachute_core.testing.counterparts.discord import DiscordCounterpart


@pytest.mark.parametrize("scenario", scenarios_for(DiscordCounterpart), ids=str)
async def test_discord(scenario: Scenario) -> None:
    async with DiscordCounterpart() as counterpart:
        await scenario.run(counterpart)
