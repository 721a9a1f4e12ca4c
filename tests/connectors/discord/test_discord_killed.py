"""A bot that is killed in the middle of its work, and started again: a process of its own against the fake Discord."""

import asyncio
import os
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path

import yaml

from parachute_core.testing.discord import FakeDiscord
from tests.connectors.running import until

PATIENCE = 60.0


@asynccontextmanager
async def killed_at_the_end(home: Path) -> AsyncIterator[None]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PARACHUTE", "PYTEST", "COV"))}
    command = ("-W", "error", "-m", "parachute_core", "run", "--home", str(home), "--port", "0")
    quiet = asyncio.subprocess.DEVNULL
    bot = await asyncio.create_subprocess_exec(sys.executable, *command, env=kept, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        bot.kill()
        await bot.wait()


def prepare(home: Path, discord: FakeDiscord) -> None:
    section = {"enabled": True, "bot_token": discord.token, "rest_url": discord.rest_url, "allowed_users": ["1"]}
    config = home / "bots.yaml"
    config.write_text(yaml.safe_dump({"discord": section, "plugins": {"ratelimit": {"limit": 1000}}}))
    config.chmod(0o600)
    home.chmod(0o700)


def is_remembered(home: Path, channel: str, message_id: int) -> bool:
    with closing(sqlite3.connect(f"file:{home / 'parachute.db'}?mode=ro", uri=True)) as database:
        found = database.execute("SELECT value FROM connector_memory WHERE key = ?", (f"read/{channel}",)).fetchone()
    return found is not None and int(found[0].split()[1]) >= message_id


async def test_what_was_written_while_a_killed_bot_was_gone_is_answered_once(discord: FakeDiscord, tmp_path: Path) -> None:
    prepare(tmp_path, discord)
    channel = discord.direct("1")
    wanted: list[str] = []
    for life in range(3):
        async with killed_at_the_end(tmp_path):
            await until(lambda: discord.texts(channel) == wanted and discord.gateway.clients, PATIENCE)
            await discord.gateway.until(identified=life + 1, within=PATIENCE)
            last = discord.say(f"said in life {life}")
            wanted.append(f"said in life {life}")
            await until(lambda: discord.texts(channel) == wanted, PATIENCE)
            await until(partial(is_remembered, tmp_path, channel, int(last)), PATIENCE)
        discord.gateway.forget_sessions()
        for number in range(2):
            discord.say(f"said after life {life}: {number}")
            wanted.append(f"said after life {life}: {number}")
    async with killed_at_the_end(tmp_path):
        await until(lambda: discord.texts(channel) == wanted, PATIENCE)
        discord.say("last")
        await until(lambda: discord.texts(channel) == [*wanted, "last"], PATIENCE)
