"""What the tests of the command share."""

import http.client
import json
import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from parachute_core import logs

COMMAND = (sys.executable, "-W", "error", "-m", "parachute_core")
PATIENCE = 60
"""Real seconds: the machine may be busy."""

SMALL = """
web:
  enabled: true
  allowed_users: []
orchestrator:
  use: echo
plugins:
  pairing: {ttl_days: 7}
"""


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Commands set up the process's log; put it back."""
    root = logging.getLogger()
    touched = [root, *(logging.getLogger(name) for name in (logs.OURS, *logs.NOISY))]
    levels, handlers = [one.level for one in touched], root.handlers[:]
    hooks = sys.excepthook, sys.unraisablehook, threading.excepthook
    yield
    for one, level in zip(touched, levels, strict=True):
        one.setLevel(level)
    root.handlers[:] = handlers
    logging.captureWarnings(False)
    sys.excepthook, sys.unraisablehook, threading.excepthook = hooks


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a small configuration."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    config = folder / "bots.yaml"
    config.write_text(SMALL)
    config.chmod(0o600)
    return folder


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PARACHUTE", "PYTEST", "COV"))}
    return {**kept, "NO_COLOR": "1"}


@pytest.fixture
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    """`command(*arguments)`: run it to its end in a process of its own."""

    def run(*arguments: object, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE, env={**environment(), **env}, cwd=cwd
        )

    return run


class Visitor:
    """Somebody in the web chat of a bot."""

    def __init__(self, socket: ClientConnection, hello: dict[str, Any]) -> None:
        self._socket = socket
        self._socket.send(json.dumps({"type": "hello", **hello}))
        while (frame := self._next())["type"] != "welcome":
            pass
        self.token: str = frame["token"]

    def say(self, text: str) -> None:
        self._socket.send(json.dumps({"type": "message", "text": text}))

    def read(self, text: str) -> None:
        """Return once it is there, whole."""
        while (frame := self._next()).get("text") != text or not frame.get("final"):
            assert frame["type"] != "error", frame

    def _next(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(self._socket.recv(PATIENCE))
        return frame


class Bot:
    """`parachute-core run --json` in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]", errors: Path) -> None:
        self.process = process
        self._errors = errors
        self.facts: dict[str, str] = {}

    @property
    def errors(self) -> str:
        return self._errors.read_text()

    def wait_until_up(self) -> "Bot":
        assert self.process.stdout is not None
        text = ""
        while line := self.process.stdout.readline():
            text += line
            if line.startswith("}"):
                self.facts = json.loads(text)
                return self
        raise AssertionError(f"it ended: {self.errors}")

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def key(self) -> str:
        return Path(self.facts["key_file"]).read_text().strip()

    def text(self, path: str) -> str:
        """What it answers to a program with the key."""
        with closing(http.client.HTTPConnection(self.facts["url"].removeprefix("http://"), timeout=PATIENCE)) as connection:
            connection.request("GET", path, headers={"X-API-Key": self.key()})
            return connection.getresponse().read().decode()

    @contextmanager
    def visitor(self, token: str | None = None) -> Iterator["Visitor"]:
        """Its owner in the web chat; with a `token`, whoever got it at an earlier visit."""
        url = self.facts["url"]
        hello = {"token": token} if token else {"token": None, "owner": self.facts["owner_link"].partition("owner=")[2]}
        with connect(url.replace("http", "ws") + "/chat/socket", origin=Origin(url)) as socket:
            yield Visitor(socket, hello)

    def request(self, method: str, path: str, body: Any = None, key: str | None = None) -> tuple[int, Any]:
        address = self.facts["url"].removeprefix("http://")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        with closing(http.client.HTTPConnection(address, timeout=PATIENCE)) as connection:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Bot]]:
    """`start(home, *arguments)`: a bot on a free port; killed at the end of the test if it still runs."""
    with ExitStack() as stack:

        def run(home: Path, *arguments: str, port: int = 0, **env: str) -> Bot:
            errors = tmp_path / f"stderr-{len(list(tmp_path.iterdir()))}"
            sink = stack.enter_context(errors.open("w"))
            process = subprocess.Popen(
                [*COMMAND, "run", "--json", "--home", str(home), "--port", str(port), *arguments],
                stdout=subprocess.PIPE,
                stderr=sink,
                text=True,
                env={**environment(), **env},
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            return Bot(process, errors)

        yield run


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]
