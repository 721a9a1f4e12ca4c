"""From nothing to a conversation in Telegram, with the commands that a new owner is told of and nothing else."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from parachute_core.testing.telegram import FakeBotApi
from tests.cli.processes import process


async def test_four_commands_lead_to_a_conversation(tmp_path: Path, start: Callable[..., Any]) -> None:
    home = tmp_path / "home"
    async with FakeBotApi() as telegram:
        given = ("--platform", "telegram", "--token-file", "-", "--owner", "1", "--base-url", telegram.server.url)
        made = await process("init", "--home", home, *given, "--json", said=telegram.token)
        assert (made.code, made.err) == (0, "")
        told = " ".join(json.loads(made.out)["next"])
        assert "parachute-core run" in told
        assert "https://t.me/FakeBot" in told
        assert "parachute-core doctor" in told
        assert (await process("check", "--home", home)).code == 0
        examined = await process("doctor", "--home", home, "--json", PARACHUTE_PORT="0")
        assert (examined.code, examined.err) == (0, "")
        assert [one["id"] for one in json.loads(examined.out)["findings"]] == ["bot-not-running"]
        bot = start(home)
        telegram.say("good evening")
        await telegram.until(lambda: telegram.texts() == ["good evening"], within=60)
        telegram.say("let me in", "2", name="Bob")
        await telegram.until(lambda: telegram.texts("2"))
        asking = await process("pairing", "list", "--home", home)
        assert "Bob" in asking.out
        examined = await process("doctor", "--home", home)
        assert (examined.code, examined.err) == (0, "")
        assert "all is well" in examined.out
        assert bot.end(signal.SIGTERM) == 0
        assert telegram.token not in bot.errors
