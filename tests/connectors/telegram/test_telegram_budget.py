"""The budget on Telegram: over a real socket, from update to refusal, with a real program that tells what it used."""

import logging
import os
import sys

from parachute_core.clock import SystemClock
from parachute_core.model.turn import Orchestrator
from parachute_core.orchestrators import command
from parachute_core.orchestrators.context import OrchestratorContext
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.telegram.running import whole_bot

AGENT = """
import json, sys
turn = json.load(sys.stdin)
print(json.dumps({"type": "text", "delta": turn["text"]}))
print(json.dumps({"type": "usage", "input_tokens": 300, "output_tokens": 100, "cached_tokens": 50}))
print(json.dumps({"type": "done"}))
"""
BUDGET = {
    "budgets": [{"per": "user", "period": "day", "tokens": 1000}],
    "reserve_tokens": 200,
    "owner": {"platform": "telegram", "chat_id": 9},
    "exempt": {"telegram": [9]},
}


def agent() -> Orchestrator:
    settings = command.Settings.model_validate({"argv": [sys.executable, "-c", AGENT]})
    return command.make_orchestrator(OrchestratorContext(settings, SystemClock(), logging.getLogger("tests"), frozenset(), os.environ))


async def test_a_user_is_answered_warned_refused_once_and_the_owner_is_told(api: FakeBotApi) -> None:
    async with whole_bot(api, allowed=("1", "2", "9"), plugins={"budget": BUDGET}, orchestrator=agent()) as bot:
        api.say("I am the owner", "9")  # Telegram lets no bot write to who never wrote to it
        await api.until(lambda: api.texts("9"), within=30)
        for number in range(1, 6):
            api.say(f"message {number}")
        await api.until(lambda: not api.updates and len(api.texts("9")) == 2, within=30)
        await bot.settled()
        assert api.texts() == [
            "message 1",
            "message 2",
            "You have used 90 % of what there is for you today.",
            "You have used up what there is for you today — please try again in 12 hours.",
        ]
        assert api.texts("9")[1].startswith("The user 1 on telegram has used up a budget: 1000 tokens a day for each user.")
        (budget,) = (await bot.request("GET", "/api/budget")).json["budgets"]
        assert budget["accounts"] == [{"platform": "telegram", "id": "1", "spent": 900, "reserved": 0}]

        api.say("hello", "2")
        await api.until(lambda: api.texts("2") == ["hello"], within=30)
        api.say("/status")
        await api.until(lambda: len(api.texts()) == 5, within=30)
