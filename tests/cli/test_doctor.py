"""`doctor` beside real servers and a real bot."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from parachute_core.config.disk import put_files
from parachute_core.testing import fake_distribution, importable
from parachute_core.testing.discord import FakeDiscord
from parachute_core.testing.http import JsonServer
from parachute_core.testing.telegram import FakeBotApi
from tests.cli.processes import Done, parachute

Start = Callable[..., Any]


@pytest.fixture
async def telegram() -> AsyncIterator[FakeBotApi]:
    async with FakeBotApi() as api:
        yield api


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


def write(home: Path, text: str) -> None:
    put_files(home, {"bots.yaml": f"{text}\nadmin: {{port: 0}}\n".encode()}, overwrite=True)


def of_telegram(home: Path, api: FakeBotApi, **keys: str) -> None:
    more = "".join(f"  {key}: {value}\n" for key, value in keys.items())
    settings = f"  bot_token: {api.token}\n  base_url: {api.base_url}\n  allowed_users: [1]\n"
    write(home, f"telegram:\n  enabled: true\n{settings}{more}")


async def diagnosis(home: Path, *options: str) -> tuple[Done, dict[str, str]]:
    """What was found, by id; notes left out."""
    done = await parachute("doctor", "--home", home, "--json", *options)
    facts = json.loads(done.out)
    found = {one["id"]: one["what"] for one in facts["findings"] if one["severity"] != "note"}
    assert (done.code, facts["ok"]) == ((1, False) if found else (0, True))
    return done, found


SHIELD = """
from parachute_core import hookimpl

class Shield:
    @hookimpl
    async def before_dispatch(self, message):
        return None

def make_plugin(context):
    return Shield()
"""


def install(folder: Path, name: str, source: str) -> None:
    entry = {"parachute_core.plugins": {name: f"{name}_plugin:make_plugin"}}
    fake_distribution(folder, f"parachute-{name}", entry_points=entry, modules={f"{name}_plugin": source})


async def test_a_plugin_that_is_installed_while_the_bot_runs_is_not_live(home: Path, tmp_path: Path, start: Start) -> None:
    write(home, "web: {enabled: true}")
    bot = start(home).wait_until_up()
    with importable(tmp_path / "site"):
        install(tmp_path / "site", "shield", SHIELD)
        _, found = await diagnosis(home, "--offline")
    assert found["plugin-not-live"] == "shield (parachute-shield 1.0) is not in the chain of the running bot"
    assert (await diagnosis(home, "--offline"))[1] == {}
    bot.end(signal.SIGTERM)


async def test_a_plugin_that_is_off_is_not_imported(home: Path, tmp_path: Path) -> None:
    write(home, "web: {enabled: true}\nplugins: {broken: {enabled: false}}")
    with importable(tmp_path / "site"):
        install(tmp_path / "site", "broken", "raise ZeroDivisionError")
        assert (await diagnosis(home))[1] == {}


async def test_a_plugin_that_is_installed_and_not_in_the_live_chain_is_named(home: Path, telegram: FakeBotApi, start: Start) -> None:
    of_telegram(home, telegram)
    on = (home / "bots.yaml").read_text()
    write(home, on.partition("admin:")[0] + "plugins: {pairing: {enabled: false}, sessionguard: {}, ratelimit: {}}")
    bot = start(home).wait_until_up()
    telegram.say("good evening")
    await telegram.until(lambda: telegram.texts() == ["good evening"], within=60)
    _, found = await diagnosis(home, "--offline")
    assert found.keys() == {"guard-off", "hook-order"}
    assert "pairing is switched off" in found["guard-off"]
    put_files(home, {"bots.yaml": on.encode()}, overwrite=True)
    _, found = await diagnosis(home, "--offline")
    assert found.keys() == {"plugin-not-live", "chain-outdated"}
    assert "pairing (parachute-pairing" in found["plugin-not-live"]
    bot.end(signal.SIGTERM)


async def test_a_refused_token_is_found_and_offline_nobody_is_asked(home: Path, telegram: FakeBotApi) -> None:
    of_telegram(home, telegram)
    telegram.token = "123456:another"
    _, found = await diagnosis(home)
    assert found == {"credentials-refused": "telegram: Telegram refuses the bot token"}
    asked = len(telegram.server.requests)
    assert (await diagnosis(home, "--offline"))[1] == {}
    assert len(telegram.server.requests) == asked


async def test_a_platform_that_is_away_is_found(home: Path, telegram: FakeBotApi) -> None:
    of_telegram(home, telegram)
    await telegram.server.stop()
    done, found = await diagnosis(home)
    assert found.keys() == {"platform-unreachable"}
    assert telegram.token not in done.out + done.err


async def test_a_webhook_that_somebody_set_is_found_and_left(home: Path, telegram: FakeBotApi) -> None:
    of_telegram(home, telegram)
    telegram.webhook = "https://elsewhere.example.org/hook"
    _, found = await diagnosis(home)
    assert found.keys() == {"telegram-webhook-set"}
    assert telegram.webhook == "https://elsewhere.example.org/hook"


async def test_another_poller_on_the_token_is_found(home: Path, telegram: FakeBotApi) -> None:
    of_telegram(home, telegram)

    async def ask() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", telegram.server.port)
        with contextlib.closing(writer):
            body = b"timeout=20"
            head = f"POST /bot{telegram.token}/getUpdates HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
            writer.write(f"{head}Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n".encode() + body)
            await reader.readline()

    async def other() -> None:
        while True:
            await ask()
            await asyncio.sleep(0.2)

    async with asyncio.TaskGroup() as group:
        task = group.create_task(other())
        await telegram.until(lambda: telegram.calls("getUpdates"))
        _, found = await diagnosis(home)
        task.cancel()
    assert found.keys() == {"telegram-second-poller"}


async def test_a_webhook_that_telegram_cannot_reach_is_found(home: Path, telegram: FakeBotApi, start: Start) -> None:
    of_telegram(home, telegram, webhook_url="http://127.0.0.1:9/hook")
    bot = start(home)
    await telegram.until(lambda: telegram.webhook, within=60)
    bot.wait_until_up()
    telegram.say("good evening")
    await telegram.until(lambda: telegram.webhooks.failure, within=20)
    _, found = await diagnosis(home)
    assert found.keys() == {"telegram-webhook-failing"}
    bot.end(signal.SIGTERM)


async def test_a_missing_intent_is_found(home: Path) -> None:
    async with FakeDiscord() as discord:
        write(home, f"discord: {{enabled: true, bot_token: {discord.token}, rest_url: '{discord.rest_url}'}}")
        assert (await diagnosis(home))[1] == {}
        discord.rest.application_flags = 0
        _, found = await diagnosis(home)
    assert found.keys() == {"discord-intent-missing"}


async def test_a_clock_that_is_off_is_found(home: Path) -> None:
    async def versions(_request: Any) -> Any:
        return 200, {"Date": "Wed, 01 Jan 2020 00:00:00 GMT"}, {"versions": ["v1.11"]}

    async def whoami(_request: Any) -> Any:
        return 200, {}, {"user_id": "@bot:localhost", "device_id": "X"}

    async with JsonServer() as server:
        server.route("GET", "/_matrix/client/versions", versions)
        server.route("GET", "/_matrix/client/v3/account/whoami", whoami)
        write(home, f"matrix: {{enabled: true, homeserver_url: '{server.url}', user_id: '@bot:localhost', access_token: secret-token}}")
        _, found = await diagnosis(home)
    assert found.keys() == {"clock-off"}
    assert "ahead of the one of matrix" in found["clock-off"]


async def test_a_server_that_speaks_something_else_is_found(home: Path) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        write(home, f"matrix: {{enabled: true, homeserver_url: '{url}', user_id: '@bot:localhost', access_token: secret-token}}")
        _, found = await diagnosis(home)
    assert found.keys() == {"platform-unreachable"}


async def test_a_broken_file_says_nothing_of_plugins_that_are_off_in_the_running_bot(home: Path, start: Start) -> None:
    write(home, "web: {enabled: true}\nplugins: {strictstate: {enabled: false}}")
    bot = start(home).wait_until_up()
    write(home, "web: {enabled: true\nplugins: {strictstate: {enabled: false}}")
    _, found = await diagnosis(home, "--offline")
    assert found.keys() == {"config-unusable"}
    bot.end(signal.SIGTERM)


async def test_a_configuration_that_cannot_be_used_is_told_as_check_tells_it(home: Path) -> None:
    write(home, "webb: {enabled: true}")
    _, found = await diagnosis(home)
    assert found.keys() == {"config-unusable"}
    assert "unknown section" in found["config-unusable"]


async def test_a_home_that_is_not_there_is_told_and_not_made(tmp_path: Path) -> None:
    done, found = await diagnosis(tmp_path / "nowhere")
    assert found.keys() == {"config-missing"}
    assert "parachute-core init" in done.out
    assert not os.listdir(tmp_path)
