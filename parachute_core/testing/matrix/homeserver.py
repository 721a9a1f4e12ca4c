"""A real homeserver for tests: Synapse, started from an environment of its own."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

from parachute_core.testing.matrix import configuration

SERVER_NAME = "parachute.test"
START_WITHIN = 60.0
"""Real seconds that a start may take; it takes two to three on an idle machine."""
STOP_WITHIN = 15.0
LOOK_EVERY = 0.1
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
ROOM = 512 * 1024 * 1024
"""Bytes that must be free there; a server of tests writes a tenth of it."""

# It ends when whoever started it is gone: its standard input is closed then, whatever killed that process.
CHILD = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(0)), daemon=True).start()
from synapse.app.homeserver import main
sys.argv = ["homeserver", "-c", sys.argv[1]]
main()
"""


class NoSynapse(Exception):
    """There is no interpreter that has Synapse."""


def find_synapse() -> Path:
    """The interpreter that has Synapse: `PARACHUTE_SYNAPSE` names it, else it is where `make synapse` puts it. Raises `NoSynapse`."""
    installed = Path(__file__).resolve().parents[3] / ".venvs" / "synapse" / "bin" / "python"
    python = Path(os.environ.get("PARACHUTE_SYNAPSE") or installed)
    if not python.exists() or subprocess.run([python, "-c", "import synapse"], capture_output=True, check=False).returncode:  # noqa: S603
        raise NoSynapse(
            f"there is no Synapse at {python}: `make synapse` installs it into .venvs/synapse; "
            "PARACHUTE_SYNAPSE names another interpreter that has it"
        )
    return python


class Homeserver:
    """One Synapse on 127.0.0.1 and a free port, with a database of its own. Use it as a context manager."""

    def __init__(self, python: Path) -> None:
        self._python = python
        self._folder = tempfile.TemporaryDirectory(prefix="parachute-synapse-", dir=_in_memory())
        self._process: subprocess.Popen[bytes] | None = None
        self.server_name = SERVER_NAME
        """What stands behind the colon of each id."""
        self.shared_secret = secrets.token_hex(16)
        """With it accounts are registered."""
        self.port = _free_port()
        self._config = configuration.write(Path(self._folder.name), self.port, self.server_name, self.shared_secret)

    @property
    def url(self) -> str:
        """Where it serves clients, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it; returns once it answers. Raises `RuntimeError` with the end of its log when it does not."""
        command = [str(self._python), "-c", CHILD, str(self._config)]
        with (Path(self._folder.name) / "output.log").open("wb") as output:
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output, cwd=self._folder.name)  # noqa: S603
        for _ in range(int(START_WITHIN / LOOK_EVERY)):
            try:
                self._process.wait(LOOK_EVERY)
            except subprocess.TimeoutExpired:
                if self._answers():
                    return
            else:
                break
        self.stop()
        raise RuntimeError(f"Synapse does not start:\n{self.log()[-4000:]}")

    def stop(self) -> None:
        """Stop it; returns once it is gone."""
        if self._process is None:
            return
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_WITHIN)
        self._process = None

    def log(self) -> str:
        """What it wrote: warnings, errors and its output."""
        files = [Path(self._folder.name) / name for name in ("homeserver.log", "output.log")]
        return "".join(file.read_text("utf-8", "replace") for file in files if file.exists())

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        self._folder.cleanup()

    def _answers(self) -> bool:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(f"{self.url}/health", timeout=5.0) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False


def _in_memory() -> Path | None:
    """A place that no disk holds up: Synapse commits each event of a room by itself. None where there is none, or too small a one."""
    return MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM else None


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
