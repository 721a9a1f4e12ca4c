"""`init` as a new owner meets it, with a platform on a socket."""

import asyncio
import json
import os
import pty
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from parachute_core.config.file import ConfigFile
from parachute_core.home import Home
from parachute_core.testing.discord import FakeDiscord
from parachute_core.testing.http import Answer, Fault, JsonServer, Request
from parachute_core.testing.telegram import FakeBotApi
from tests.cli.conftest import COMMAND, PATIENCE, environment
from tests.cli.processes import parachute


@pytest.fixture
async def telegram() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as api:
        yield api


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """One that is not there yet."""
    return tmp_path / "home"


def files_in(folder: Path) -> set[str]:
    return {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}


def put(path: Path, text: str) -> None:
    """Into folders that are the owner's alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.parent.chmod(0o700)
    path.write_text(text)


def asked(home: Path, api: FakeBotApi, *more: object) -> tuple[object, ...]:
    return ("init", "--home", home, "--platform", "telegram", "--owner", "12345", "--base-url", api.server.url, *more)


async def test_what_it_writes_is_valid_private_and_told(home: Path, telegram: FakeBotApi) -> None:
    done = await parachute(*asked(home, telegram, "--json", "--token-file", "-"), said=f"{telegram.token}\n")
    assert (done.code, done.err) == (0, "")
    facts = json.loads(done.out)
    assert facts["bot"] == {"bot_name": "Fake Bot", "bot_username": "FakeBot"}
    assert facts["files"] == [str(home / "secrets" / "telegram-bot-token"), facts["config"]]
    assert any("https://t.me/FakeBot" in one for one in facts["next"])
    assert {oct(stat.S_IMODE(os.stat(one).st_mode)) for one in facts["files"]} == {"0o600"}
    assert {oct(stat.S_IMODE(one.stat().st_mode)) for one in (home, home / "secrets")} == {"0o700"}
    text = (home / "bots.yaml").read_text()
    assert telegram.token not in text + done.out
    loaded = ConfigFile(home / "bots.yaml", {}).load()
    assert loaded.warnings == ()
    section = loaded.config.telegram
    assert section is not None
    assert (section.enabled, section.bot_token, section.allowed_users) == (True, telegram.token, ("12345",))
    assert loaded.config.plugins["pairing"] == {"ttl_days": 7, "notify": {"platform": "telegram", "user_id": 12345}}
    assert loaded.config.plugins["ratelimit"] == {"limit": 10, "window": 60, "exempt": {"telegram": [12345]}}
    assert (section.base_url, section.base_file_url) == (telegram.base_url, telegram.base_file_url)
    assert "# " in text
    assert (await parachute("check", "--home", home)).code == 0


@pytest.mark.parametrize(
    ("options", "token", "code", "told"),
    [
        ((), "123456:another", 1, "refuses the bot token"),
        ((), "", 2, "one line that is the secret"),
        ((), "two words", 2, "one line that is the secret"),
        (("--owner", "@ann"), "", 2, "numeric Telegram user id"),
        (("--base-url", "http://127.0.0.1:9"), "123456:token", 1, "cannot be reached"),
        (("--base-url", "nowhere"), "123456:token", 78, "expected an address"),
        (("--agent", "ehco"), "123456:token", 78, "did you mean 'echo'?"),
        (("--agent", "command"), "123456:token", 2, "--program is needed"),
        (("--program", "cat"), "123456:token", 2, "--program has no use"),
        (("--account", "@bot:example.org"), "123456:token", 2, "--account has no use"),
    ],
)
async def test_what_is_wrong_is_one_clear_line_and_nothing_is_written(
    home: Path, telegram: FakeBotApi, options: tuple[str, ...], token: str, code: int, told: str
) -> None:
    done = await parachute(*asked(home, telegram, "--token-file", "-", *options), said=token)
    assert (done.code, done.out) == (code, "")
    assert told in done.err
    assert "Traceback" not in done.err
    assert files_in(home) == set()


async def test_a_library_that_is_missing_is_named(home: Path, telegram: FakeBotApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "parachute_core.connectors.telegram.connector", None)  # as where the extra is not installed
    done = await parachute(*asked(home, telegram), PARACHUTE_TOKEN=telegram.token)
    assert done.code == 1
    assert "Telegram needs the extra parachute-core[telegram]" in done.err
    assert "online" not in done.err
    assert files_in(home) == set()
    monkeypatch.undo()
    assert (await parachute(*asked(home, telegram), PARACHUTE_TOKEN=telegram.token)).code == 0
    monkeypatch.setitem(sys.modules, "parachute_core.connectors.telegram.connector", None)
    checked = await parachute("check", "--home", home)
    assert checked.code == 78
    assert "bots.yaml:8:1: telegram: is enabled, and cannot be started: Telegram needs the extra" in checked.err
    found = json.loads((await parachute("doctor", "--home", home, "--json", PARACHUTE_PORT="0")).out)["findings"]
    assert [one["id"] for one in found if one["severity"] == "error"] == ["config-unusable"]


async def test_a_platform_that_answers_nonsense_is_one_clear_line(home: Path, telegram: FakeBotApi) -> None:
    telegram.server.faults.append(Fault("/getMe$", count=10, status=200, body={"ok": True, "result": [1]}))
    done = await parachute(*asked(home, telegram), PARACHUTE_TOKEN=telegram.token)
    assert (done.code, files_in(home)) == (1, set())
    assert "the platform could not be asked" in done.err
    assert "Traceback" not in done.err


async def test_a_platform_that_is_away_hints_at_network_and_clock(home: Path, telegram: FakeBotApi) -> None:
    await telegram.server.stop()
    done = await parachute(*asked(home, telegram), PARACHUTE_TOKEN=telegram.token)
    assert done.code == 1
    assert "nothing was written; is this machine online, and its clock right (20" in done.err
    untested = await parachute(*asked(home, telegram, "--no-test"), PARACHUTE_TOKEN=telegram.token)
    assert untested.code == 0
    assert files_in(home) == {"bots.yaml", "secrets/telegram-bot-token", "lock"}


async def test_a_file_that_is_there_is_kept_unless_told(home: Path, telegram: FakeBotApi) -> None:
    put(home / "bots.yaml", "# mine\n")
    refused = await parachute(*asked(home, telegram), PARACHUTE_TOKEN=telegram.token)
    assert refused.code == 1
    assert "is there already; it was not changed" in refused.err
    assert files_in(home) == {"bots.yaml"}
    assert (await parachute(*asked(home, telegram, "--overwrite"), PARACHUTE_TOKEN=telegram.token)).code == 0
    assert (home / "bots.yaml.bak").read_text() == "# mine\n"
    assert "telegram:\n  enabled: true" in (home / "bots.yaml").read_text()


async def test_a_secret_that_is_there_is_kept_unless_told(home: Path, telegram: FakeBotApi) -> None:
    put(home / "secrets" / "telegram-bot-token", "123456:older")
    refused = await parachute(*asked(home, telegram), PARACHUTE_TOKEN=telegram.token)
    assert refused.code == 78
    assert "telegram-bot-token: is there already" in refused.err
    assert "bots.yaml" not in files_in(home)


async def test_a_home_in_which_a_bot_runs_is_left_alone(home: Path, telegram: FakeBotApi) -> None:
    with Home(home).lock():
        done = await parachute(*asked(home, telegram), PARACHUTE_TOKEN=telegram.token)
    assert done.code == 1
    assert "a bot is running with this home already" in done.err
    assert "bots.yaml" not in files_in(home)


async def test_the_web_chat_needs_nothing_at_all(home: Path) -> None:
    done = await parachute("init", "--home", home, "--yes")
    assert done.code == 0
    assert "you are the owner" in done.out
    assert (await parachute("check", "--home", home)).code == 0


async def test_a_program_of_ones_own_answers(home: Path) -> None:
    done = await parachute("init", "--home", home, "--agent", "command", "--program", "cat 'a file'")
    assert done.code == 0
    assert ConfigFile(home / "bots.yaml", {}).load().config.orchestrator.settings == {"argv": ["cat", "a file"]}


async def test_a_service_needs_its_model_and_key(home: Path) -> None:
    asked = ("init", "--home", home, "--agent", "anthropic", "--agent-url", "http://127.0.0.1:9")
    assert "--model is needed" in (await parachute(*asked)).err
    named = (*asked, "--model", "some-model")
    without = await parachute(*named)
    assert without.code == 2
    assert "ANTHROPIC_API_KEY" in without.err
    assert files_in(home) == set()
    assert (await parachute(*named, "--agent-key-file", "-", said="sk-a-key-of-a-test\n")).code == 0
    assert "sk-a-key" not in (home / "bots.yaml").read_text()
    settings = ConfigFile(home / "bots.yaml", {}).load().config.orchestrator.settings
    assert settings == {"model": "some-model", "base_url": "http://127.0.0.1:9", "api_key": "sk-a-key-of-a-test"}


async def test_a_service_of_ones_own_may_do_without_a_key(home: Path) -> None:
    done = await parachute("init", "--home", home, "--agent", "openai", "--model", "m", "--agent-url", "http://127.0.0.1:9/v1")
    assert done.code == 0
    assert files_in(home) == {"bots.yaml", "lock"}


async def test_discord_is_asked_for_the_token_and_the_intent(home: Path) -> None:
    async with FakeDiscord() as discord:
        wanted = ("init", "--home", home, "--platform", "discord", "--owner", "42", "--base-url", discord.rest_url)
        discord.rest.application_flags = 0
        refused = await parachute(*wanted, PARACHUTE_TOKEN=discord.token)
        assert refused.code == 1
        assert "Message Content Intent" in refused.err
        assert files_in(home) == set()
        discord.rest.application_flags = 1 << 19
        done = await parachute(*wanted, PARACHUTE_TOKEN=discord.token)
    assert done.code == 0
    section = ConfigFile(home / "bots.yaml", {}).load().config.discord
    assert section is not None
    assert (section.bot_token, section.allowed_users, section.rest_url) == (discord.token, ("42",), discord.rest_url)


async def test_matrix_is_asked_whose_token_it_is(home: Path) -> None:
    async def whoami(_request: Request) -> Answer:
        return 200, {}, {"user_id": "@bot:localhost", "device_id": "X"}

    async with JsonServer() as homeserver:
        homeserver.route("GET", "/_matrix/client/v3/account/whoami", whoami)
        wanted = ("init", "--home", home, "--platform", "matrix", "--homeserver", homeserver.url, "--owner", "@ann:localhost")
        assert "--account is needed" in (await parachute(*wanted, PARACHUTE_TOKEN="syt_of_a_test")).err
        another = await parachute(*wanted, "--account", "@other:localhost", PARACHUTE_TOKEN="syt_of_a_test")
        assert another.code == 1
        assert "the access token belongs to @bot:localhost" in another.err
        assert files_in(home) == set()
        assert (await parachute(*wanted, "--account", "@bot:localhost", PARACHUTE_TOKEN="syt_of_a_test")).code == 0
    section = ConfigFile(home / "bots.yaml", {}).load().config.matrix
    assert section is not None
    assert (section.homeserver_url, section.user_id, section.access_token) == (homeserver.url, "@bot:localhost", "syt_of_a_test")
    assert (section.allowed_users, section.allowed_rooms) == (("@ann:localhost",), ())


async def test_on_a_terminal_it_asks_and_never_shows_the_token(home: Path, telegram: FakeBotApi) -> None:
    """A wrong id and a wrong token are asked for again."""
    command = [*COMMAND, "init", "--home", str(home), "--base-url", telegram.server.url]
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(*command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment())
    os.close(theirs)
    shown, seen = "", 0

    async def see(text: str) -> None:
        """Once it is shown, behind what was seen before."""
        nonlocal shown, seen
        async with asyncio.timeout(PATIENCE):
            while text not in shown[seen:]:
                shown += (await asyncio.to_thread(os.read, ours, 4096)).decode()
        seen = shown.index(text, seen) + len(text)

    def say(text: str) -> None:
        os.write(ours, f"{text}\n".encode())

    try:
        for question, answer in (
            ("Where do people write", "telegram"),
            ("Your own user id", "@ann"),
            ("identifies nobody", None),
            ("Your own user id", "12345"),
            ("What answers?", "echo"),
            ("The bot's token", "123456:wrong"),
            ("refuses the bot token", None),
            ("The bot's token", telegram.token),
            ("next:", None),
        ):
            await see(question)
            if answer is not None:
                say(answer)
        assert telegram.token not in shown
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == 0
    finally:
        os.close(ours)
    section = ConfigFile(home / "bots.yaml", {}).load().config.telegram
    assert section is not None
    assert (section.bot_token, section.allowed_users) == (telegram.token, ("12345",))
