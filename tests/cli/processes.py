"""The command, beside servers that run in the test's event loop."""

import asyncio
import subprocess
import sys
from dataclasses import dataclass

from click.testing import CliRunner

from parachute_core.cli import main
from tests.cli.conftest import COMMAND, PATIENCE, environment

UNPRIVILEGED = """
import ctypes, os, sys
if os.geteuid() == 0:  # what lets root read everything goes with the next program that is started
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@dataclass(frozen=True)
class Done:
    """How it ended, and what it said."""

    code: int
    out: str
    err: str


async def parachute(*arguments: object, said: str = "", **env: str) -> Done:
    """Run the command to its end, in a thread of this process; `said` is its stdin."""
    return await asyncio.to_thread(run, *arguments, said=said, **env)


def run(*arguments: object, said: str = "", **env: str) -> Done:
    """The same, here and now."""
    unset = dict.fromkeys(("PARACHUTE_HOME", "PARACHUTE_TOKEN", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"))
    ended = CliRunner(env={"NO_COLOR": "1", **unset, **env}).invoke(main, [*map(str, arguments)], input=said)
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return Done(ended.exit_code, ended.stdout, ended.stderr)


async def process(*arguments: object, said: str = "", **env: str) -> Done:
    """The same in a process of its own."""
    pipe = asyncio.subprocess.PIPE
    started = await asyncio.create_subprocess_exec(
        *COMMAND, *map(str, arguments), stdin=pipe, stdout=pipe, stderr=pipe, env={**environment(), **env}
    )
    async with asyncio.timeout(PATIENCE):
        out, err = await started.communicate(said.encode())
    return Done(started.returncode or 0, out.decode(), err.decode())


def run_unprivileged(*arguments: object) -> Done:
    """In a process to which no file is open but by its mode, whoever runs the tests."""
    command = [sys.executable, "-c", UNPRIVILEGED, *COMMAND, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=environment(), check=False)
    return Done(done.returncode, done.stdout, done.stderr)
