"""What the owner keeps in the home is in its backup as it was, whatever it is called; what only a process needs is not."""

import sqlite3
import stat
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path

from parachute_core.backup.manifest import NAME
from parachute_core.testing import running_bot
from tests.cli.processes import run, run_unprivileged


def put(path: Path, content: str, mode: int = 0o600) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    path.chmod(mode)


def back_and_forth(home: Path, tmp_path: Path) -> Path:
    """The home that a backup makes."""
    new = tmp_path / "new"
    for arguments in (("backup", tmp_path / "bot.backup", "--home", home), ("restore", tmp_path / "bot.backup", "--home", new)):
        done = run(*arguments)
        assert done.code == 0, done.err
    return new


def names(folder: Path) -> set[str]:
    return {one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file()}


async def test_files_that_are_called_like_locks_journals_and_drafts_are_in_it(home: Path, tmp_path: Path) -> None:
    mine = {"agent/uv.lock", "agent/Cargo.lock", "flake.lock", "notes-wal", "agent/x-shm", "x-journal", "agent/lock", "agent/.y.new", NAME}
    for name in mine:
        put(home / name, f"mine: {name}")
    async with running_bot(home=home, platform="web") as bot:
        assert (await bot.request("POST", "/api/plugins/retry/disable")).status == 200  # which takes the lock of the file
        with closing(sqlite3.connect(home / "agent" / "own.db")) as own:
            own.execute("PRAGMA journal_mode = WAL")
            own.execute("CREATE TABLE own (name TEXT)")
            own.commit()
            there = names(home)
            new = back_and_forth(home, tmp_path)
    assert there >= {"lock", "bots.yaml.lock", "parachute.db-wal", "agent/own.db-wal", "agent/own.db-shm"}
    assert {name: (new / name).read_text() for name in mine} == {name: f"mine: {name}" for name in mine}
    assert names(new) - mine == {"admin-key", "bots.yaml", "bots.yaml.bak", "parachute.db", "agent/own.db"}


def test_a_program_can_be_started_after_it_as_before(home: Path, tmp_path: Path) -> None:
    put(home / "agent.py", "#!/bin/sh\n", 0o755)
    put(home / "notes", "mine", 0o644)
    new = back_and_forth(home, tmp_path)
    with tarfile.open(tmp_path / "bot.backup") as archive:
        modes = {one.name: one.mode for one in archive}
    assert modes == {NAME: 0o600, "agent.py": 0o700, "bots.yaml": 0o600, "notes": 0o600}
    assert {name: stat.S_IMODE((new / name).stat().st_mode) for name in modes if name != NAME} == {
        name: mode for name, mode in modes.items() if name != NAME
    }


def test_a_folder_with_nothing_but_a_lock_of_the_owners_is_left_alone(home: Path, tmp_path: Path) -> None:
    assert run("backup", tmp_path / "bot.backup", "--home", home).code == 0
    put(tmp_path / "other" / "uv.lock", "mine")
    assert run("restore", tmp_path / "bot.backup", "--home", tmp_path / "other").code == 1
    assert names(tmp_path / "other") == {"uv.lock"}


def test_files_that_come_and_go_meanwhile_do_not_hold_it_up(home: Path, tmp_path: Path) -> None:
    script = "import pathlib, sys; path = pathlib.Path(sys.argv[1])\nwhile True: path.write_text('x'); path.unlink()"
    with subprocess.Popen([sys.executable, "-c", script, home / "draft"]) as writer:
        try:
            while not (home / "draft").exists():
                assert writer.poll() is None
            ended = [run("backup", tmp_path / "bot.backup", "--home", home) for _ in range(20)]
        finally:
            writer.kill()
    assert [one.err for one in ended if one.code] == []


def test_the_file_that_cannot_be_read_is_named(home: Path, tmp_path: Path) -> None:
    put(home / "agent.py", "mine", 0o000)
    done = run_unprivileged("backup", tmp_path / "bot.backup", "--home", home)
    assert (done.code, f"{home / 'agent.py'}: Permission denied" in done.err) == (1, True), done.err
    assert not (tmp_path / "bot.backup").exists()
