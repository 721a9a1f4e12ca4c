"""The bot that is loaded: one that is started for it and thrown away, or one that runs with a home, whose owner agreed."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from parachute_core.config.default import write_default
from parachute_core.config.file import ConfigFile
from parachute_core.config.schema import is_loopback
from parachute_core.connectors.catalog import Catalog
from parachute_core.home import Home
from parachute_core.hooks.discover import discover
from parachute_core.model.errors import ParachuteError

ENDS_WITHIN = 20
"""Seconds that the bot that is thrown away gets to end."""


class NoTarget(ParachuteError):
    """There is no bot that may be loaded."""


@dataclass(frozen=True, slots=True)
class Target:
    """A bot that runs on this machine."""

    home: Home
    address: str
    port: int
    pid: int

    @classmethod
    def of(cls, home: Home) -> "Target":
        """The bot that runs with a home. Raises `NoTarget` when none does, or it does not listen on this machine alone."""
        url = home.running_at()
        pid = home.running_pid()
        if url is None or pid is None:
            raise NoTarget(f"no bot is running with the home {home.path}")
        parts = urlsplit(url)
        if parts.hostname is None or parts.port is None or not is_loopback(parts.hostname):
            raise NoTarget(f"the bot at {url} listens to more than this machine; only one on a loopback address is loaded")
        return cls(home, parts.hostname, parts.port, pid)

    def admitted(self, users: Sequence[str]) -> AbstractContextManager[None]:
        """These visitors are on the allowlist within the block: one change of `bots.yaml` to add them, one to take them off again.

        Raises `ConfigError` when the file cannot be changed.
        """
        return _admitted(ConfigFile(self.home.config_path, os.environ, Catalog().sections()), users)

    def limit(self) -> tuple[int, float]:
        """Messages that a chat may send in so many seconds; what the plugin takes by itself where the file says nothing."""
        loaded = ConfigFile(self.home.config_path, os.environ, Catalog().sections()).load()
        settings = loaded.config.plugins.get("ratelimit") or {}
        return int(settings.get("limit", 10)), float(settings.get("window", 60))


@contextmanager
def thrown_away() -> Iterator[Target]:
    """A bot with the first configuration and a home of its own, which ends and is deleted with the block. Raises `NoTarget`."""
    with tempfile.TemporaryDirectory(prefix="parachute-load-") as folder:
        home = Home(Path(folder) / "home")
        home.prepare()
        write_default(home.config_path, {one.name for one in discover()})
        command = [sys.executable, "-m", "parachute_core", "run", "--json", "--home", str(home.path), "--port", "0", "--log-level", "error"]
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PARACHUTE_")}
        # A session of its own: Ctrl-C is for the load, which ends the bot when it is done with it.
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ, start_new_session=True) as process:  # noqa: S603 - ourselves
            try:
                _wait_until_up(process)
                yield Target.of(home)
            finally:
                process.terminate()
                try:
                    process.wait(ENDS_WITHIN)
                except subprocess.TimeoutExpired:
                    process.kill()


def _wait_until_up(process: "subprocess.Popen[str]") -> None:
    for line in process.stdout or ():
        if line.startswith("}"):
            return
    raise NoTarget("the bot for the load did not start")


@contextmanager
def _admitted(config: ConfigFile, users: Sequence[str]) -> Iterator[None]:
    everybody: dict[str, dict[str, object]] = {"web": {"allowed_users": list(users)}}
    nobody: dict[str, dict[str, object]] = {"web": {"allowed_users": []}}
    try:
        config.update(everybody, base=nobody)
        yield
    finally:
        config.update(nobody, base=everybody)
