"""What systemd hears of a real bot, over a real datagram socket."""

import json
import os
import signal
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from parachute_core.cli.systemd import ServiceManager
from parachute_core.testing import FakeClock

Start = Callable[..., Any]
PATIENCE = 60.0


class Manager:
    """The other end of `NOTIFY_SOCKET`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + path[1:] if path.startswith("@") else path)
        self.socket.settimeout(PATIENCE)

    def hears(self) -> dict[str, str]:
        """The next datagram."""
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().split("\n"))

    def until(self, name: str) -> dict[str, str]:
        while name not in (told := self.hears()):
            pass
        return told

    def silent(self, seconds: float) -> bool:
        """Whether nothing comes for so long; what came before is not looked at."""
        self.socket.setblocking(False)
        try:
            while self.socket.recv(4096):
                pass
        except BlockingIOError:
            pass
        self.socket.settimeout(seconds)
        try:
            self.socket.recv(4096)
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(PATIENCE)
        return False


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Manager]:
    told = Manager(str(tmp_path / "notify") if request.param == "path" else f"@parachute-test-{os.getpid()}")
    with closing(told.socket):
        yield told


def test_it_tells_that_it_is_ready_reloads_and_stops(home: Path, start: Start, manager: Manager) -> None:
    bot = start(home, NOTIFY_SOCKET=manager.path).wait_until_up()
    assert manager.hears() == {"READY": "1", "STATUS": f"listening on {bot.facts['url']}"}
    bot.process.send_signal(signal.SIGHUP)
    told = manager.hears()
    assert (told["RELOADING"], int(told["MONOTONIC_USEC"]) > 0) == ("1", True)
    assert manager.hears()["READY"] == "1"
    assert bot.end(signal.SIGTERM) == 0
    assert manager.hears() == {"STOPPING": "1", "STATUS": "stopping"}


def test_a_start_that_fails_is_never_ready(home: Path, start: Start, tmp_path: Path) -> None:
    with closing(Manager(str(tmp_path / "notify")).socket) as heard:
        (home / "bots.yaml").write_text("web: [")
        assert start(home, NOTIFY_SOCKET=str(tmp_path / "notify")).process.wait(PATIENCE) == 78
        heard.setblocking(False)
        with pytest.raises(BlockingIOError):
            heard.recv(4096)


def test_the_watchdog_is_fed_while_the_store_answers_and_not_while_it_hangs(home: Path, start: Start, tmp_path: Path) -> None:
    manager = Manager(str(tmp_path / "notify"))
    with closing(manager.socket):
        bot = start(home, NOTIFY_SOCKET=manager.path, WATCHDOG_USEC="300000").wait_until_up()
        for _ in range(3):
            manager.until("WATCHDOG")
        with bot.visitor() as owner, closing(sqlite3.connect(home / "parachute.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            owner.say("a write that waits for the lock")
            assert any(manager.silent(0.8) for _ in range(5))
            assert bot.request("GET", "/healthz")[0] == 200  # the event loop lives all the while
            other.execute("ROLLBACK")
            manager.until("WATCHDOG")
        assert bot.end(signal.SIGTERM) == 0


def test_programs_of_the_bot_inherit_none_of_it_and_another_process_is_not_fed_for() -> None:
    environ = {"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1", "PATH": "/bin"}
    ServiceManager(environ, FakeClock())
    assert environ == {"PATH": "/bin"}


async def test_a_manager_that_is_gone_hurts_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    manager = ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}, FakeClock())
    manager.ready("up")
    assert "could not be told" in caplog.text
    assert json.dumps([one.__dict__.get("what") for one in caplog.records]) == '["READY=1"]'
