"""Folders that whoever runs a command may not look into: said in one line, since what is in them would seem to be missing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import COMMAND, PATIENCE, environment

UNPRIVILEGED = """
import ctypes, os, sys
if os.geteuid() == 0:  # what lets root read everything goes with the next program that is started
    for capability in (1, 2):
        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.fixture
def closed(home: Path) -> Path:
    home.chmod(0)
    return home


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", UNPRIVILEGED, *COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, env=environment(), check=False)


@pytest.mark.parametrize("command", ["run", "init", "check", "doctor", "plugins", "status", "backup"])
def test_a_home_that_is_closed_is_named(closed: Path, tmp_path: Path, command: str) -> None:
    done = run(command, *([tmp_path / "bot.backup"] if command == "backup" else []), "--home", closed)
    closed.chmod(0o700)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: {closed}: this user may not look into it; run the command as the user that the bot runs as\n"


def test_doctor_looks_past_a_folder_of_secrets_that_is_closed(home: Path) -> None:
    (home / "bots.yaml").write_text("web: {enabled: true}\nadmin: {port: 0}\n")
    (home / "secrets").mkdir(mode=0)
    done = run("doctor", "--offline", "--home", home)
    (home / "secrets").chmod(0o700)
    assert (done.returncode, "all is well" in done.stdout) == (0, True), done.stdout + done.stderr
