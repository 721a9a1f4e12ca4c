"""From nothing to a conversation with Claude in Telegram, with the commands that a new owner is told of and nothing else."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from parachute_core.testing.agents import MODEL, MessagesApi, Reply, ScriptedService
from parachute_core.testing.telegram import FakeBotApi
from tests.cli.processes import parachute, process


async def test_the_commands_of_init_lead_to_a_conversation_with_claude_in_telegram(tmp_path: Path, start: Callable[..., Any]) -> None:
    home = tmp_path / "home"
    async with FakeBotApi() as telegram, ScriptedService(MessagesApi()) as claude:
        claude.will(Reply(text=("And a good ", "evening to you.")))
        given = ("--platform", "telegram", "--token-file", "-", "--owner", "1", "--base-url", telegram.server.url)
        agent = ("--agent", "anthropic", "--model", MODEL, "--agent-url", claude.base_url)
        made = await process("init", "--home", home, *given, *agent, "--json", said=telegram.token, ANTHROPIC_API_KEY=claude.key)
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
        await telegram.until(lambda: telegram.texts() == ["And a good evening to you."], within=60)
        telegram.say("let me in", "2", name="Bob")
        await telegram.until(lambda: telegram.texts("2"))
        asking = await parachute("pairing", "list", "--home", home)
        assert "Bob" in asking.out
        await telegram.until(lambda: "Approve 1" in telegram.buttons("1"))
        telegram.press("Approve 1", "1")
        await telegram.until(lambda: len(telegram.texts("2")) == 2)
        assert telegram.texts("2")[1].startswith("Good news")
        examined = await parachute("doctor", "--home", home)
        assert (examined.code, examined.err) == (0, "")
        assert "all is well" in examined.out
        assert bot.end(signal.SIGTERM) == 0
        assert claude.asked_for[0].messages == (("user", "good evening"),)
        assert not [one for one in (telegram.token, claude.key) if one in bot.errors + (home / "bots.yaml").read_text()]
