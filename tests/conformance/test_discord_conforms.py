"""Discord against the conformance suite."""

import pytest

from parachute_core.testing.conformance import Ability, Scenario, scenarios_for
from parachute_core.testing.counterparts.discord import DiscordCounterpart
from tests.conformance.known import cases

KNOWN = {
    "a_call_that_hangs_holds_up_no_other_chat": "hikari lets the first messages of all new channels wait for each other",
}
"""Scenarios that fail, and why."""


@pytest.mark.parametrize("scenario", cases(scenarios_for(DiscordCounterpart), KNOWN))
async def test_discord(scenario: Scenario) -> None:
    async with DiscordCounterpart() as counterpart:
        await scenario.run(counterpart)


def test_what_the_platform_lacks_is_known() -> None:
    assert set(DiscordCounterpart.lacks) == {Ability.GIVES_UP_SOON}
