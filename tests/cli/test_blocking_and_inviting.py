"""`pairing block`, `pairing invite` and approvals that end, against a bot that runs."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from parachute_core.cli import main
from parachute_core.home import Home
from parachute_core.testing import RunningBot, running_bot


@pytest.fixture
async def bot() -> AsyncIterator[RunningBot]:
    async with running_bot(["pairing"], platform="web", allowed=(), serve=True) as bot:
        with Home(bot.home).announced(bot.url):
            yield bot


async def invoke(home: Path, *arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["pairing", *arguments, "--home", str(home)], env={"NO_COLOR": "1"})


async def ask_in(bot: RunningBot, user_id: str, name: str | None = None) -> str:
    await bot.say("hello", user_id, name=name)
    await bot.settled()
    done = await invoke(bot.home, "list", "--json")
    (request,) = [one["id"] for one in json.loads(done.stdout)["requests"] if one["platformUserId"] == user_id]
    return str(request)


async def test_somebody_is_blocked_and_unblocked(bot: RunningBot) -> None:
    request = await ask_in(bot, "u1", "Ann\x1b[31m")
    done = await invoke(bot.home, "block", request)
    assert (done.exit_code, done.stdout) == (0, "blocked: web u1\n"), done.stderr
    done = await invoke(bot.home, "block", "web", "a/b")
    assert (done.exit_code, done.stdout) == (0, "blocked: web a/b\n"), done.stderr
    listed = await invoke(bot.home, "blocked")
    assert [line.split()[:2] for line in listed.stdout.splitlines()[1:]] in (
        [["web", "a/b"], ["web", "u1"]],
        [["web", "u1"], ["web", "a/b"]],
    )
    assert "\x1b" not in listed.stdout
    done = await invoke(bot.home, "unblock", "web", "u1")
    assert (done.exit_code, done.stdout) == (0, "unblocked: web u1\n"), done.stderr
    done = await invoke(bot.home, "unblock", "web", "u1")
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    await invoke(bot.home, "unblock", "web", "a/b")
    assert (await invoke(bot.home, "blocked")).stdout == "nobody is blocked\n"


async def test_a_code_is_made_and_used_and_another_withdrawn(bot: RunningBot) -> None:
    assert (await invoke(bot.home, "invite", "list")).stdout == "there are no invitations\n"
    made = await invoke(bot.home, "invite", "make", "--trust", "direct", "--for", "2h")
    assert made.exit_code == 0, made.stderr
    code = made.stdout.strip()
    assert (await bot.ask(code, "u1"))[0].startswith("Welcome!")
    other = json.loads((await invoke(bot.home, "invite", "make", "--json")).stdout)["invite"]
    done = await invoke(bot.home, "invite", "withdraw", other["id"])
    assert (done.exit_code, done.stdout) == (0, f"withdrawn: {other['id']}\n"), done.stderr
    listed = (await invoke(bot.home, "invite", "list")).stdout
    assert {line.split()[1] for line in listed.splitlines()[1:]} == {"used", "withdrawn"}
    assert code not in listed


async def test_access_is_given_for_some_time(bot: RunningBot) -> None:
    request = await ask_in(bot, "u1")
    until = (bot.clock.now() + timedelta(hours=12)).isoformat()
    done = await invoke(bot.home, "approve", request, "--for", "12h")
    assert (done.exit_code, done.stdout) == (0, f"approved: web u1, sandboxed, until {until}\n"), done.stderr
    await bot.clock.advance(12 * 3600)
    assert (await bot.ask("still there?", "u1"))[0].startswith("Hello!")


@pytest.mark.parametrize("given", ["12", "h", "-1h", "1.5h", "1y", "9999999999s"])
async def test_what_is_no_length_of_time_is_wrong_usage(bot: RunningBot, given: str) -> None:
    done = await invoke(bot.home, "invite", "make", "--for", given)
    assert done.exit_code == 2
    assert "length of time" in done.stderr
