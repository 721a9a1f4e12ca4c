"""The commands that talk to the bot that runs."""

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncIterator
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
    return await asyncio.to_thread(CliRunner().invoke, main, [*arguments, "--home", str(home)], env={"NO_COLOR": "1"})


async def pending(bot: RunningBot) -> list[dict[str, str]]:
    done = await invoke(bot.home, "pairing", "list", "--json")
    assert done.exit_code == 0, done.stderr
    requests: list[dict[str, str]] = json.loads(done.stdout)["requests"]
    return requests


async def ask_in(bot: RunningBot, user_id: str, name: str | None = None) -> str:
    await bot.say("hello", user_id=user_id, name=name)
    await bot.settled()
    (request,) = [one for one in await pending(bot) if one["platformUserId"] == user_id]
    return request["id"]


async def test_a_stranger_is_listed_and_let_in_and_put_out_again(bot: RunningBot) -> None:
    request = await ask_in(bot, "u1", "Ann")
    listed = await invoke(bot.home, "pairing", "list")
    assert request[:8] in listed.stdout
    assert "Ann" in listed.stdout
    done = await invoke(bot.home, "pairing", "approve", request[:10], "--trust", "direct")
    assert (done.exit_code, done.stdout) == (0, "approved: web u1 (Ann), direct\n"), done.stderr
    assert bot.runtime.access.is_allowed("web", "u1")
    assert (await invoke(bot.home, "pairing", "list")).stdout == "nobody asks\n"
    assert "approved" in (await invoke(bot.home, "pairing", "list", "--all")).stdout
    done = await invoke(bot.home, "pairing", "revoke", "web", "u1")
    assert (done.exit_code, done.stdout) == (0, "revoked: web u1\n"), done.stderr
    assert not bot.runtime.access.is_allowed("web", "u1")


async def test_a_stranger_is_denied(bot: RunningBot) -> None:
    request = await ask_in(bot, "u1")
    done = await invoke(bot.home, "pairing", "deny", request, "--json")
    assert json.loads(done.stdout)["success"] is True
    again = await invoke(bot.home, "pairing", "deny", request)
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr.startswith("error: ")


async def test_a_beginning_of_several_ids_is_refused(bot: RunningBot) -> None:
    ids = [await ask_in(bot, f"u{number}") for number in range(17)]  # of hexadecimal digits: two begin alike
    first, times = Counter(one[0] for one in ids).most_common(1)[0]
    done = await invoke(bot.home, "pairing", "approve", first)
    assert done.exit_code == 1
    assert f"{times} requests" in done.stderr
    assert len(await pending(bot)) == 17


async def test_what_is_not_there_is_told_in_one_line(bot: RunningBot) -> None:
    for arguments in (("approve", "nonsense"), ("deny", "no/such"), ("revoke", "web", "a/b"), ("revoke", "fax", "1")):
        done = await invoke(bot.home, "pairing", *arguments)
        assert (done.exit_code, done.stdout) == (1, "")
        assert len(done.stderr.splitlines()) == 1


async def test_a_name_cannot_steer_the_terminal(bot: RunningBot) -> None:
    await ask_in(bot, "u1", "\x1b[2J<b>root</b>\u202e\n" + "x" * 10_000)
    listed = (await invoke(bot.home, "pairing", "list")).stdout
    assert "\x1b" not in listed
    assert "\u202e" not in listed
    assert len(listed.splitlines()) == 2, "a head and a request"
    assert "<b>root</b>" in listed
    assert max(map(len, listed.splitlines())) < 200


async def test_status_shows_the_platforms(bot: RunningBot) -> None:
    done = await invoke(bot.home, "status")
    assert (done.exit_code, done.stderr) == (0, "")
    assert bot.url in done.stdout
    assert "web" in done.stdout
    told = json.loads((await invoke(bot.home, "status", "--json")).stdout)
    assert told["connectors"]["web"]["enabled"] is True


@pytest.mark.parametrize("arguments", [("status",), ("pairing", "list"), ("pairing", "approve", "x"), ("pairing", "revoke", "web", "1")])
async def test_without_a_running_bot_it_says_so(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = await invoke(tmp_path / "home", *arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no bot is running" in done.stderr


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", "para_ключ".encode(), b"two\nlines", None])
async def test_a_key_file_that_holds_none_is_one_clear_line(bot: RunningBot, content: bytes | None) -> None:
    path = Home(bot.home).key_path
    path.unlink(missing_ok=True)
    if content is None:
        os.mkfifo(path)
    else:
        path.write_bytes(content)
    done = await invoke(bot.home, "status")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == f"error: {path}: " + (
        "holds no admin key (para_ and 32 letters or more); delete the file to have a new one made\n"
        if content
        else "is no regular file; an admin key belongs there\n"
    )


async def test_the_key_goes_to_nobody_who_merely_listens_there(tmp_path: Path) -> None:
    # What a killed bot leaves behind: an address that somebody else may have taken, and no lock.
    home = Home(tmp_path / "home")
    home.prepare()
    asked = asyncio.Event()

    async def eavesdrop(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        writer.close()

    server = await asyncio.start_server(eavesdrop, "127.0.0.1", 0)
    async with server:
        home.address_path.write_text(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}\n")
        home.key_path.write_text("para_" + "x" * 40)
        done = await invoke(home.path, "status")
    assert done.exit_code == 1
    assert "no bot is running" in done.stderr
    assert not asked.is_set()
