"""However often and whenever the bot is killed: the config stays whole, the database opens, and it starts again."""

import asyncio
import http.client
import random
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parachute_core.clock import SystemClock
from parachute_core.config.read import read_config
from parachute_core.store.database import Database

Start = Callable[..., Any]


def keep_writing(bot: Any, key: str, round_: int) -> None:
    """Change the allowlist until the bot is gone."""
    number = 0
    while True:
        number += 1
        body = {"telegram": {"allowed_users": [round_ * 10_000 + one for one in range(number % 50)]}}
        try:
            bot.request("PUT", "/api/bots/config", body, key)
        except (OSError, http.client.HTTPException, ValueError):
            return


async def opens(path: Path) -> None:
    async with Database.open(path, SystemClock()) as database:
        assert await database.fetch_one("PRAGMA integrity_check") == {"integrity_check": "ok"}


@pytest.mark.parametrize("seed", range(4))
def test_killed_five_times_in_the_middle_of_work(home: Path, start: Start, seed: int) -> None:
    dice = random.Random(seed)
    (home / "bots.yaml").write_text("# mine\ntelegram:\n  enabled: false\n  allowed_users: [1] # me\nweb:\n  enabled: true\n")
    for round_ in range(5):
        bot = start(home)
        if round_ == 0:  # Once while it starts.
            time.sleep(dice.uniform(0, 1.5))
            assert bot.end(signal.SIGKILL) == -signal.SIGKILL
        else:
            bot.wait_until_up()
            key = (home / "admin-key").read_text().strip()
            writer = threading.Thread(target=keep_writing, args=(bot, key, round_))
            writer.start()
            time.sleep(dice.uniform(0.05, 0.5))
            bot.end(signal.SIGKILL)
            writer.join()
        loaded = read_config(home / "bots.yaml", {})
        assert loaded.config.telegram is not None
        assert "# mine" in (home / "bots.yaml").read_text()
        asyncio.run(opens(home / "parachute.db"))
    assert start(home).wait_until_up().end(signal.SIGTERM) == 0
