"""Telegram against the conformance suite."""

import pytest

from parachute_core.testing.conformance import Scenario, scenarios_for
from parachute_core.testing.counterparts.telegram import TelegramCounterpart


@pytest.mark.parametrize("scenario", scenarios_for(TelegramCounterpart), ids=str)
async def test_telegram(scenario: Scenario) -> None:
    async with TelegramCounterpart() as counterpart:
        await scenario.run(counterpart)
