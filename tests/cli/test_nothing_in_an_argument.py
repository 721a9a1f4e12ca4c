"""An argument with nothing in it, as an unset variable of a script leaves it, is never taken for all there are, or for the only one."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parachute_core.home import Home
from parachute_core.testing import RunningBot, running_bot
from tests.cli.processes import parachute


@pytest.fixture
async def bot() -> AsyncIterator[RunningBot]:
    async with running_bot(["pairing"], platform="web", allowed=(), serve=True) as bot:
        with Home(bot.home).announced(bot.url):
            yield bot


@pytest.mark.parametrize("word", ["approve", "deny"])
async def test_the_only_request_is_not_resolved(bot: RunningBot, word: str) -> None:
    await bot.say("hello", user_id="u1")
    await bot.settled()
    done = await parachute("pairing", word, "", "--home", bot.home)
    assert (done.code, done.out, done.err) == (1, "", "error: name a request: its id, or the beginning of it\n")
    (request,) = json.loads((await parachute("pairing", "list", "--json", "--home", bot.home)).out)["requests"]
    assert request["status"] == "pending"


async def test_not_every_browser_is_logged_out(bot: RunningBot) -> None:
    await bot.runtime.services.logins.open_with_key(bot.runtime.key, "a browser")
    done = await parachute("desk", "logout", "", "--home", bot.home)
    assert (done.code, done.out) == (2, "")
    assert "name a browser, or give --all" in done.err
    (login,) = json.loads((await parachute("desk", "logins", "--json", "--home", bot.home)).out)["logins"]
    done = await parachute("desk", "logout", login["id"], "--home", bot.home)
    assert (done.code, done.out) == (0, "logged out: 1\n"), done.err


async def test_init_takes_it_for_no_owner(tmp_path: Path) -> None:
    named = ("--platform", "telegram", "--owner", " ", "--no-test")
    done = await parachute("init", "--home", tmp_path / "home", *named, PARACHUTE_TOKEN="123456:token")
    assert (done.code, done.err) == (0, "")
    assert "pairing list" in done.out, "they let themselves in later"
