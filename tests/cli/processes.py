"""The command, beside servers that run in the test's event loop."""

import asyncio
from dataclasses import dataclass

from click.testing import CliRunner

from parachute_core.cli import main
from tests.cli.conftest import COMMAND, PATIENCE, environment


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
