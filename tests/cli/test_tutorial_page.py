"""The tutorial, followed to the letter: its files are written, its commands are run, its people write in the chat."""

import asyncio
import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.cli.conftest import PATIENCE, environment

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "tutorial.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))
PARTS = re.findall(r"^## (\d)\..*?\n(.*?)(?=^## )", PAGE, re.DOTALL | re.MULTILINE)
STEPS = {number: re.findall(r"^\$ (.+)$", text, re.MULTILINE) for number, text in PARTS}
"""The commands of each part, as they stand there."""


class Terminal:
    """A shell in which the commands of the page are typed as they stand there."""

    def __init__(self, folder: Path) -> None:
        scripts = folder / ".venv" / "bin"
        scripts.mkdir(parents=True, exist_ok=True)
        # What the first step installs: the command of this environment, and nothing is downloaded.
        (scripts / "activate").write_text(f'PATH="{scripts}:$PATH"\n')
        (scripts / "parachute-core").write_text(f"#!{sys.executable}\nfrom parachute_core.cli import main\nmain()\n")
        (scripts / "parachute-core").chmod(0o755)
        (scripts / "python3").unlink(missing_ok=True)
        (scripts / "python3").symlink_to(sys.executable)
        self._folder = folder
        self._environment = {**environment(), "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "PARACHUTE_PORT": "0"}

    async def start(self, script: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            "bash", "-ec", script, cwd=self._folder, env=self._environment, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
        )

    async def type(self, *lines: str) -> str:
        """What the lines print; each must succeed."""
        process = await self.start("\n".join(lines))
        async with asyncio.timeout(PATIENCE):
            out, err = await process.communicate()
        assert process.returncode == 0, (lines, out.decode(), err.decode())
        return out.decode()


class Person:
    """A browser's side of the chat."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def say(self, text: str) -> None:
        await self._socket.send(json.dumps({"type": "message", "text": text}))

    async def see(self, pattern: str) -> "re.Match[str]":
        """The first that is told and fits."""
        told = []
        try:
            async with asyncio.timeout(PATIENCE / 3):
                while True:
                    told.append(json.loads(await self._socket.recv()))
                    if found := re.search(pattern, str(told[-1].get("text") or told[-1])):
                        return found
        except TimeoutError:
            raise AssertionError(f"nothing like {pattern} in {told}") from None


async def enter(url: str, owner: str | None = None) -> Person:
    socket = await connect(url.replace("http", "ws", 1) + "/chat/socket")
    await socket.send(json.dumps({"type": "hello", "token": None, **({"owner": owner} if owner else {})}))
    person = Person(socket)
    await person.see("user_id")
    return person


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    return tmp_path


async def test_it_leads_where_it_says(folder: Path) -> None:
    terminal = Terminal(folder)
    where, *prepare = STEPS["3"]
    made = await terminal.type(where, *prepare)
    assert "wrote " in made
    assert "all is well" in made
    process = await terminal.start("\n".join([where, f"exec {STEPS['4'][0]}"]))
    assert process.stdout is not None
    try:
        found = re.search(r"^listening on.*?(?=^```)", PAGE, re.DOTALL | re.MULTILINE)
        assert found is not None
        shown = found[0].splitlines()
        async with asyncio.timeout(PATIENCE):
            lines = [(await process.stdout.readline()).decode().rstrip() for _ in shown]
        assert [one.split("  ")[0] for one in lines] == [one.split("  ")[0] for one in shown]
        link = re.search(r"(http\S+)/chat#owner=(\S+)", lines[-1])
        assert link is not None
        await converse(terminal, link[1], link[2])
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def converse(terminal: Terminal, url: str, owner: str) -> None:
    """Steps 4 to 6."""
    answer = re.search(r"^> (.+)$", PAGE, re.MULTILINE)
    assert answer is not None
    me = await enter(url, owner)
    await me.say("hello")
    await me.see(f"^{re.escape(answer[1])}$")
    await me.say("hello again")
    await me.see("after 1 other messages")
    stranger = await enter(url)
    await stranger.say("let me in")
    request = (await stranger.see(r"noted your request (\w+)"))[1]
    enter_folder, activate, look = STEPS["5"][:3]
    table = (await terminal.type(enter_folder, activate, look)).splitlines()
    headings = re.search(r"^REQUEST .*$", PAGE, re.MULTILINE)
    assert headings is not None
    assert table[0].split() == headings[0].split()
    assert table[1].startswith(request)
    user = table[1].split()[3]
    await terminal.type(enter_folder, STEPS["5"][3].replace("REQUEST", request))
    await stranger.see("has approved your request")
    await stranger.say("thanks")
    await stranger.see("You said 'thanks', after 0 other messages")
    revoke, audit = STEPS["6"]
    log = await terminal.type(enter_folder, revoke.replace("USER", user), audit)
    assert user in log
    await stranger.say("still there?")
    await stranger.see("noted your request")


def test_what_is_installed_is_what_the_readme_installs() -> None:
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    assert [one for one in STEPS["1"][:2] if f"$ {one}\n" not in readme] == []
