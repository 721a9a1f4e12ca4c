"""A bot in a process of its own, to be killed."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Self

UP_WITHIN = 60.0
"""Real seconds; the machine may be busy."""


class BotProcess:
    """`parachute-core run --json`. Start it with `start`."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self._process = process
        self.url = url
        """Where it is served."""

    @classmethod
    async def start(cls, home: Path, port: int) -> Self:
        """Start it on this port, 0 for a free one; returns once it is up. Fails when it ends instead: its log is in `home`/log."""
        command = (sys.executable, "-m", "parachute_core", "run", "--json", "--home", str(home), "--port", str(port))
        environ = {name: value for name, value in os.environ.items() if not name.startswith(("PARACHUTE", "PYTEST", "COV"))}
        with (home / "log").open("ab") as sink:
            process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=sink, env=environ)
        assert process.stdout is not None  # noqa: S101 - asked for above
        text = ""
        async with asyncio.timeout(UP_WITHIN):
            while line := (await process.stdout.readline()).decode():
                text += line
                if line.startswith("}"):
                    return cls(process, json.loads(text)["url"])
        raise RuntimeError(f"the bot ended with {await process.wait()}")

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    async def kill(self) -> None:
        """SIGKILL; returns once it is gone."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGKILL)
        await self._process.wait()
