"""The process is killed while turns run; the next start settles them, and nobody gets more than there is."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from parachute_core.testing import RunningBot, running_bot

PEOPLE = [str(number) for number in range(1, 251)]
LIMIT = 200
BUDGETS = [{"per": "all", "period": "day", "turns": LIMIT}, {"per": "all", "period": "month", "tokens": 100_000}]
SETTINGS: dict[str, Any] = {"budget": {"budgets": BUDGETS, "reserve_tokens": 100, "warn_at": None}}

DYING = """
import asyncio, json, sys
from pathlib import Path

from parachute_core.testing import ScriptedOrchestrator, running_bot


async def main(home, say, asked):
    people = [str(number) for number in range(1, 251)]
    agent = ScriptedOrchestrator()
    agent.hold()  # before the bot takes up what the last life has left
    async with running_bot(json.loads(sys.argv[4]), allowed=people, home=home, orchestrator=agent) as bot:
        if say:
            await asyncio.gather(*(bot.say(f"from {one}", one) for one in people))
        await bot.orchestrator.asked(asked, within=60)
        print("ready", flush=True)
        await asyncio.sleep(120)


asyncio.run(main(Path(sys.argv[1]), sys.argv[2] == "say", int(sys.argv[3])))
"""


async def killed(home: Path, say: bool, asked: int) -> None:
    """A bot's life, ended by SIGKILL once so many turns run."""
    import json

    arguments = (str(home), "say" if say else "", str(asked), json.dumps(SETTINGS))
    pipe = asyncio.subprocess.PIPE
    bot = await asyncio.create_subprocess_exec(sys.executable, "-c", DYING, *arguments, stdout=pipe, stderr=pipe)
    try:
        assert bot.stdout is not None
        async with asyncio.timeout(90):
            ready = await bot.stdout.readline()
    finally:
        if bot.returncode is None:
            bot.kill()
        _, errors = await bot.communicate()
    assert ready == b"ready\n", errors.decode()


async def accounts(bot: RunningBot) -> list[tuple[float, float]]:
    answer = await bot.request("GET", "/api/budget")
    return [(one["accounts"][0]["spent"], one["accounts"][0]["reserved"]) for one in answer.json["budgets"]]


@pytest.mark.parametrize("asked", [1, 80, LIMIT])
async def test_killed_twice_in_the_middle_of_turns_nobody_gets_more_than_there_is(tmp_path: Path, asked: int) -> None:
    await killed(tmp_path, True, asked)
    await killed(tmp_path, False, asked)
    async with running_bot(home=tmp_path) as bot:
        await bot.settled()
        answered = [one for one in PEOPLE if bot.texts(one) == [f"from {one}"]]
        assert len(answered) == LIMIT == len(bot.orchestrator.turns)
        (turns, reserved), (tokens, tokens_reserved) = await accounts(bot)
        assert (turns, reserved, tokens_reserved) == (LIMIT, 0, 0)
        # Each turn that a kill ended cost its reserve once more, and no more than that.
        assert LIMIT * 100 <= tokens <= 3 * LIMIT * 100
        assert tokens >= LIMIT * 100 + 2 * asked * 100
        assert await bot.ask("one more", "50") in ([], ["I have used up what I may spend today — please try again in 12 hours."])
        assert len(bot.orchestrator.turns) == LIMIT
