"""Folders that whoever runs a command may not look into: said in one line, since what is in them would seem to be missing."""

from pathlib import Path

import pytest

from tests.cli.processes import run_unprivileged


@pytest.fixture
def closed(home: Path) -> Path:
    home.chmod(0)
    return home


@pytest.mark.parametrize("command", ["run", "init", "check", "doctor", "plugins", "status", "backup"])
def test_a_home_that_is_closed_is_named(closed: Path, tmp_path: Path, command: str) -> None:
    done = run_unprivileged(command, *([tmp_path / "bot.backup"] if command == "backup" else []), "--home", closed)
    closed.chmod(0o700)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"error: {closed}: this user may not look into it; run the command as the user that the bot runs as\n"


def test_doctor_looks_past_a_folder_of_secrets_that_is_closed(home: Path) -> None:
    (home / "bots.yaml").write_text("web: {enabled: true}\nadmin: {port: 0}\n")
    (home / "secrets").mkdir(mode=0)
    done = run_unprivileged("doctor", "--offline", "--home", home)
    (home / "secrets").chmod(0o700)
    assert (done.code, "all is well" in done.out) == (0, True), done.out + done.err
