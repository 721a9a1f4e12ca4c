"""What the agent said beside its answer before a kill is not said again by the turn that is taken up."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import yaml

from parachute_core.clock import SystemClock
from parachute_core.testing.crashes.process import BotProcess
from parachute_core.testing.crashes.telegram import TelegramSide

AGENT = """
import json, pathlib, sys, time
asked, go = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
with asked.open("a") as log:
    log.write("asked\\n")
again = len(asked.read_text().splitlines()) > 1
for text in ["looking it up", *(["and once more"] if again else [])]:
    print(json.dumps({"type": "notice", "text": text}), flush=True)
while not go.exists():
    time.sleep(0.02)
print(json.dumps({"type": "text", "delta": "the answer"}))
print(json.dumps({"type": "done"}))
"""


async def until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(30.0):
        while not happened():
            await SystemClock().sleep(0.02)


async def test_a_remark_is_said_once_over_a_kill(tmp_path: Path) -> None:
    asked, go, home = tmp_path / "asked", tmp_path / "go", tmp_path / "home"
    (tmp_path / "agent.py").write_text(AGENT)
    home.mkdir(mode=0o700)
    async with TelegramSide() as side:
        agent = {"use": "command", "argv": [sys.executable, str(tmp_path / "agent.py"), str(asked), str(go)]}
        (home / "bots.yaml").write_text(yaml.safe_dump({"telegram": dict(side.section()), "orchestrator": agent}))
        (home / "bots.yaml").chmod(0o600)
        bot = await BotProcess.start(home, 0)
        try:
            await side.say(0, "hello")
            await until(lambda: list(side.read(0)) == ["looking it up"])
            await bot.kill()
            bot = await BotProcess.start(home, 0)
            await until(lambda: "and once more" in side.read(0))
            go.touch()
            await until(lambda: "the answer" in side.read(0))
        finally:
            await bot.kill()
        assert len(asked.read_text().splitlines()) == 2
        assert list(side.read(0)) == ["looking it up", "and once more", "the answer"]
