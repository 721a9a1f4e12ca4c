"""Discord against the conformance suite."""

import pytest

from parachute_core.testing.conformance import Ability, Scenario, scenarios_for
from parachute_core.testing.counterparts.discord import DiscordCounterpart
from tests.conformance.known import cases


@pytest.mark.parametrize("scenario", cases(scenarios_for(DiscordCounterpart), {}))
async def test_discord(scenario: Scenario) -> None:
    async with DiscordCounterpart() as counterpart:
        await scenario.run(counterpart)


def test_what_the_platform_lacks_is_known() -> None:
    assert set(DiscordCounterpart.lacks) == {Ability.GIVES_UP_SOON}
