"""Telegram against the conformance suite."""

import pytest

from parachute_core.testing.conformance import Ability, Scenario, scenarios_for
from parachute_core.testing.counterparts.telegram import TelegramCounterpart
from tests.conformance.known import cases

ATTACHMENTS = "the connector does not tell of attachments yet"
KNOWN = {
    "a_picture_alone_is_told_and_makes_no_turn": ATTACHMENTS,
    "the_eleventh_message_of_a_minute_is_refused-caption": ATTACHMENTS,
    "a_send_is_tried_four_times_and_then_recorded-caption": ATTACHMENTS,
    "an_answer_is_shown_as_a_reply_to_its_question": "the connector does not show replies yet",
}
"""Scenarios that fail, and why."""


@pytest.mark.parametrize("scenario", cases(scenarios_for(TelegramCounterpart), KNOWN))
async def test_telegram(scenario: Scenario) -> None:
    async with TelegramCounterpart() as counterpart:
        await scenario.run(counterpart)


def test_what_the_platform_lacks_is_known() -> None:
    assert set(TelegramCounterpart.lacks) == {Ability.INTERACTIONS, Ability.VOICE}
