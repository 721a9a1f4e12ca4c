"""`parachute-core budget` asks the bot that runs."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from parachute_core.cli import main
from parachute_core.home import Home
from parachute_core.testing import running_bot

MONEY = {"budgets": [{"per": "all", "period": "day", "money": 5}], "prices": {"input": 3, "output": 15, "currency": "EUR"}}
TURNS = {"budgets": [{"per": "user", "period": "month", "turns": 20}, *MONEY["budgets"]], "prices": MONEY["prices"]}


async def invoke(home: Path, *arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["budget", *arguments, "--home", str(home)], env={"NO_COLOR": "1"})


async def test_it_shows_what_is_spent() -> None:
    async with running_bot({"budget": TURNS}, serve=True) as bot:
        with Home(bot.home).announced(bot.url):
            before = await invoke(bot.home)
            await bot.ask("hello")
            done = await invoke(bot.home)
            raw = json.loads((await invoke(bot.home, "--json")).stdout)
    assert before.exit_code == done.exit_code == 0, done.stderr
    assert [line.split() for line in before.stdout.splitlines()][1:] == [
        ["per", "user", "and", "month", "nobody", "yet", "0", "0", "20", "turns", "2026-02-01", "00:00"],
        ["all,", "per", "day", "all", "0.00", "0.00", "5.00", "EUR", "2026-01-06", "00:00"],
    ]
    assert [line.split() for line in done.stdout.splitlines()][1:] == [
        ["per", "user", "and", "month", "telegram", "1", "1", "0", "20", "turns", "2026-02-01", "00:00"],
        ["all,", "per", "day", "all", "0.06", "0.00", "5.00", "EUR", "2026-01-06", "00:00"],
    ]
    assert raw["budgets"][1]["accounts"] == [{"platform": None, "id": None, "spent": 0.06, "reserved": 0.0}]


@pytest.mark.parametrize(
    ("plugins", "code", "told"),
    [({}, 1, "the plugin budget is not installed, or switched off"), ({"budget": {"budgets": []}}, 0, "nothing is limited")],
)
async def test_without_budgets_it_says_so(plugins: Mapping[str, Mapping[str, Any]], code: int, told: str) -> None:
    async with running_bot(plugins, serve=True) as bot:
        with Home(bot.home).announced(bot.url):
            done = await invoke(bot.home)
    assert done.exit_code == code
    assert told in done.stdout + done.stderr


async def test_check_says_that_nothing_is_limited(home: Path) -> None:
    with (home / "bots.yaml").open("a") as config:
        config.write("  budget: {budgets: []}\n")
    done = await asyncio.to_thread(CliRunner().invoke, main, ["check", "--home", str(home)], env={"NO_COLOR": "1"})
    assert done.exit_code == 0
    assert "there are no budgets, so nothing is limited" in done.stderr
