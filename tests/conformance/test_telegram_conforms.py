"""Telegram against the conformance suite."""

import pytest

from parachute_core.testing.conformance import Ability, Scenario, scenarios_for
from parachute_core.testing.counterparts.telegram import TelegramCounterpart, TelegramWebhookCounterpart
from tests.conformance.known import cases


@pytest.mark.parametrize("scenario", cases(scenarios_for(TelegramCounterpart), {}))
async def test_telegram(scenario: Scenario) -> None:
    async with TelegramCounterpart() as counterpart:
        await scenario.run(counterpart)


@pytest.mark.parametrize("scenario", cases(scenarios_for(TelegramWebhookCounterpart), {}))
async def test_telegram_by_webhook(scenario: Scenario) -> None:
    async with TelegramWebhookCounterpart() as counterpart:
        await scenario.run(counterpart)


def test_what_the_platform_lacks_is_known() -> None:
    assert set(TelegramCounterpart.lacks) == {Ability.INTERACTIONS}
