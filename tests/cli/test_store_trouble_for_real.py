"""A bot in a process of its own that may write no byte more, and whose database another process holds: it says so, and loses nothing."""

import asyncio
import resource
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path

import pytest
import yaml

from parachute_core.clock import SystemClock
from parachute_core.testing.crashes.process import BotProcess
from parachute_core.testing.crashes.telegram import TelegramSide

Trouble = Callable[[BotProcess, Path], AbstractContextManager[None]]
HOLDER = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def ready(url: str) -> int:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


async def until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(60.0):
        while not await asyncio.to_thread(happened):
            await SystemClock().sleep(0.05)


@contextmanager
def no_byte_more(bot: BotProcess, _home: Path) -> Iterator[None]:
    """The system refuses the process every write to a file, as a full disk does."""
    _, most = resource.prlimit(bot.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (0, most))
    try:
        yield
    finally:
        resource.prlimit(bot.pid, resource.RLIMIT_FSIZE, (most, most))


@contextmanager
def held_by_another(_bot: BotProcess, home: Path) -> Iterator[None]:
    """Another process has begun to write and does not end."""
    command = [sys.executable, "-c", HOLDER, str(home / "parachute.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield
        holder.communicate()


def configure(side: TelegramSide, home: Path) -> None:
    home.mkdir(mode=0o700)
    (home / "bots.yaml").write_text(yaml.safe_dump({"telegram": dict(side.section()), "orchestrator": {"use": "echo"}}))
    (home / "bots.yaml").chmod(0o600)


@asynccontextmanager
async def on_telegram(side: TelegramSide, home: Path) -> AsyncIterator[BotProcess]:
    configure(side, home)
    bot = await BotProcess.start(home, 0)
    try:
        yield bot
    finally:
        await bot.kill()


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux lets one process limit another")
@pytest.mark.parametrize("trouble", [no_byte_more, held_by_another])
async def test_new_work_is_refused_with_a_clear_status_and_nothing_is_lost(trouble: Trouble, tmp_path: Path) -> None:
    async with TelegramSide() as side, on_telegram(side, tmp_path / "home") as bot:
        await side.say(0, "before")
        await until(lambda: "before" in side.read(0))
        assert await asyncio.to_thread(ready, bot.url) == 200
        with trouble(bot, tmp_path / "home"):
            await side.say(0, "meanwhile")
            await side.say(1, "meanwhile too")
            await until(lambda: ready(bot.url) == 503)
            assert (list(side.read(0)), list(side.read(1))) == (["before"], [])
        await until(lambda: "meanwhile" in side.read(0) and "meanwhile too" in side.read(1))
        await side.say(0, "after")
        await until(lambda: "after" in side.read(0) and ready(bot.url) == 200)
        assert (list(side.read(0)), list(side.read(1))) == (["before", "meanwhile", "after"], ["meanwhile too"])
