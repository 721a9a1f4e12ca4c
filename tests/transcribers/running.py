"""A bot that listens with a small program, really started."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from parachute_core import Voice
from parachute_core.testing import RunningBot, running_bot

PATIENCE = 30.0
"""Real seconds: a Python has to start, and the machine may be busy."""

PRELUDE = """
import json, os, signal, subprocess, sys, time
def note(path, value):
    with open(path + ".new", "w") as file:
        file.write(str(value))
    os.rename(path + ".new", path)
"""
SOUND = b"OggS\x00\xff sound"
SECTION = {"enabled": True, "bot_token": "${TOKEN}", "allowed_users": [1]}
TOKEN = "123456:fake-token-of-a-fake-bot"
ADMIN_KEY = "0123456789abcdef"


@asynccontextmanager
async def listening(script: str, environ: Mapping[str, str] | None = None, **settings: Any) -> AsyncIterator[RunningBot]:
    """A bot whose transcriber runs `script`, with one recording on its platform."""
    transcriber = {"use": "command", "argv": [sys.executable, "-c", PRELUDE + script], **settings}
    config = yaml.safe_dump({"telegram": SECTION, "transcriber": transcriber, "admin": {"key": "${ADMIN_KEY}"}})
    async with running_bot(config=config, environ={"TOKEN": TOKEN, "ADMIN_KEY": ADMIN_KEY, **(environ or {})}) as bot:
        bot.connector.recordings["file-1"] = SOUND
        yield bot


async def speak(bot: RunningBot, mime_type: str | None = "audio/ogg", text: str = "") -> None:
    """The user sends the recording; returns when it waits to be answered."""
    await bot.say(text, voice=Voice("file-1", mime_type))


async def answered(bot: RunningBot) -> list[str]:
    """What the user reads once everything is settled."""
    async with asyncio.timeout(PATIENCE):
        await bot.runtime.intake.idle()
    return bot.texts()


async def written(path: Path) -> str:
    """What the program noted there, as soon as it has."""
    for _ in range(int(PATIENCE * 100)):
        if (text := content(path)) is not None:
            return text
        await asyncio.sleep(0.01)
    raise AssertionError(f"the program did not write {path.name}")


def content(path: Path) -> str | None:
    """What stands in the file; None when there is none."""
    return path.read_text() if path.exists() else None
