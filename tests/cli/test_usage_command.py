"""`parachute-core usage` asks the bot that runs."""

import asyncio
import json
from pathlib import Path

from click.testing import CliRunner, Result

from parachute_core.cli import main
from parachute_core.home import Home
from parachute_core.model.turn import Done, TextDelta, Usage
from parachute_core.testing import ScriptedOrchestrator, running_bot


async def invoke(home: Path, *arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["usage", *arguments, "--home", str(home)], env={"NO_COLOR": "1"})


async def test_it_shows_what_was_used_by_user_and_by_session() -> None:
    one, other = Usage(10, 2, 1, 4, "claude"), Usage(5, 3)
    agent = ScriptedOrchestrator([TextDelta("a"), one, Done()], [TextDelta("b"), one, other, Done()], [TextDelta("c"), one, Done()])
    async with running_bot(serve=True, orchestrator=agent, allowed=("1", "2")) as bot:
        with Home(bot.home).announced(bot.url):
            before = await invoke(bot.home)
            await bot.ask("hello")
            await bot.ask("/new")
            await bot.clock.advance(60)
            await bot.ask("hello")
            await bot.clock.advance(60)
            await bot.ask("hello", "2")
            done = await invoke(bot.home)
            raw = json.loads((await invoke(bot.home, "--by", "session", "--json")).stdout)["usage"]
            wrong = await bot.request("GET", "/api/usage?by=moon")
    assert before.stdout == "nothing was used yet, or the agent does not tell\n"
    assert [line.split()[2:] for line in done.stdout.splitlines()][1:] == [
        ["telegram", "2", "all", "claude", "10", "2", "1", "4"],
        ["telegram", "1", "all", "unknown", "5", "3", "0", "0"],
        ["telegram", "1", "all", "claude", "20", "4", "2", "8"],
    ]
    assert [(one["user"], one["model"], one["input_tokens"]) for one in raw] == [
        ("2", "claude", 10),
        ("1", None, 5),
        ("1", "claude", 10),
        ("1", "claude", 10),
    ]
    assert len({one["session_id"] for one in raw}) == 3
    assert wrong.status == 422
