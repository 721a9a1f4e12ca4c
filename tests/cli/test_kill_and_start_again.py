"""However often and whenever the bot is killed: the config stays whole, the database opens, and what the owner was told holds."""

import asyncio
import http.client
import json
import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from parachute_core.clock import SystemClock
from parachute_core.config.read import read_config
from parachute_core.store.database import Database

Start = Callable[..., Any]
CONFIG = "# mine\nweb:\n  enabled: true\n  allowed_users: [] # who may talk\nplugins:\n  pairing: {max_pending: 1000, max_per_hour: 1000}\n"
GONE = (OSError, http.client.HTTPException, ValueError, WebSocketException, TimeoutError)


@dataclass
class Owner:
    """Lets visitors in and out until the bot is gone, and remembers what was confirmed, and what was asked and not confirmed."""

    bot: Any
    key: str
    tokens: dict[str, str] = field(default_factory=dict)
    allowed: set[str] = field(default_factory=set)
    revoked: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)

    def work(self) -> None:
        try:
            while True:
                user_id = self.visitor_asks()
                self.decide(user_id, "POST", f"/api/bots/pairing/{self.request_of(user_id)}/approve", self.allowed)
                if len(self.allowed) % 3 == 0:
                    leaving = min(self.allowed)
                    self.allowed.discard(leaving)
                    self.decide(leaving, "DELETE", f"/api/bots/pairing/web/{leaving}", self.revoked)
        except GONE:
            return

    def visitor_asks(self) -> str:
        with chatting(self.bot) as socket:
            user_id, token = hello(socket, None)
            socket.send(json.dumps({"type": "message", "text": "may I come in?"}))
            wait_for(socket, "message")
        self.tokens[user_id] = token
        return user_id

    def request_of(self, user_id: str) -> str:
        _, listing = self.bot.request("GET", "/api/bots/pairing", None, self.key)
        return next(str(one["id"]) for one in listing["requests"] if one["platformUserId"] == user_id)

    def decide(self, user_id: str, method: str, path: str, outcome: set[str]) -> None:
        self.unsure.add(user_id)
        status, answer = self.bot.request(method, path, None, self.key)
        assert status == 200, answer
        self.unsure.discard(user_id)
        outcome.add(user_id)


@contextmanager
def chatting(bot: Any) -> Iterator[ClientConnection]:
    with connect(bot.facts["url"].replace("http", "ws") + "/chat/socket", origin=bot.facts["url"], open_timeout=30) as socket:
        yield socket


def hello(socket: ClientConnection, token: str | None) -> tuple[str, str]:
    socket.send(json.dumps({"type": "hello", "token": token}))
    welcome = wait_for(socket, "welcome")
    return welcome["user_id"], welcome["token"]


def wait_for(socket: ClientConnection, kind: str) -> dict[str, Any]:
    while (frame := json.loads(socket.recv(30)))["type"] != kind:
        assert frame["type"] != "error", frame
    assert isinstance(frame, dict)
    return frame


def is_served(bot: Any, token: str, quiet: float) -> bool:
    """Whether a visitor is answered before the bot has said nothing for so many seconds."""
    with chatting(bot) as socket:
        hello(socket, token)
        socket.send(json.dumps({"type": "message", "text": "good morning"}))
        # What the kill kept from the visitor is told first.
        try:
            while json.loads(socket.recv(quiet)).get("text") != "good morning":
                pass
        except TimeoutError:
            return False
        return True


async def integrity(path: Path) -> None:
    async with Database.open(path, SystemClock()) as database:
        assert await database.fetch_one("PRAGMA integrity_check") == {"integrity_check": "ok"}


@pytest.mark.parametrize("seed", range(4))
def test_killed_five_times_in_the_middle_of_work(home: Path, start: Start, seed: int) -> None:
    dice = random.Random(seed)
    (home / "bots.yaml").write_text(CONFIG)
    owner = Owner(None, "")
    for _ in range(5):
        owner.bot = start(home).wait_until_up()
        owner.key = (home / "admin-key").read_text().strip()
        worker = threading.Thread(target=owner.work)
        worker.start()
        worker.join(dice.uniform(0.05, 0.8))
        owner.bot.end(signal.SIGKILL)
        worker.join()
        web = read_config(home / "bots.yaml", {}).config.web
        assert web is not None
        assert "# mine" in (home / "bots.yaml").read_text()
        assert owner.allowed - owner.unsure <= set(web.allowed_users)
        asyncio.run(integrity(home / "parachute.db"))
    bot = start(home).wait_until_up()
    web = read_config(home / "bots.yaml", {}).config.web
    assert web is not None
    assert not (owner.revoked - owner.unsure) & set(web.allowed_users)
    sure_in, sure_out = sorted(owner.allowed - owner.unsure), sorted(owner.revoked - owner.unsure)
    assert len(sure_in) + len(sure_out) > 5
    assert all(is_served(bot, owner.tokens[user_id], 30.0) for user_id in sure_in[:5])
    assert not any(is_served(bot, owner.tokens[user_id], 2.0) for user_id in sure_out[:5])
    assert bot.end(signal.SIGTERM) == 0
