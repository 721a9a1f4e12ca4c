"""The file: private, ours, never harmed, and closed whatever happens."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from parachute_core.clock import SystemClock
from parachute_core.model.errors import StoreError
from parachute_core.store.database import Database


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def open_and_close(file: Path) -> None:
    async def work() -> None:
        async with Database.open(file, SystemClock()):
            pass

    asyncio.run(work())


def test_folder_and_files_are_private_under_any_umask(file: Path) -> None:
    # In a process of its own: the umask belongs to the process, not to a test.
    script = """
import asyncio, os, stat, sys
from pathlib import Path
from parachute_core.clock import SystemClock
from parachute_core.store.database import Database

async def main():
    os.umask(0)
    path = Path(sys.argv[1])
    async with Database.open(path, SystemClock()) as database:
        await database.plugin_store("x").migrate(["CREATE TABLE x_one (id TEXT)"])
        print(*sorted(f"{one.name}:{stat.S_IMODE(one.stat().st_mode):o}" for one in path.parent.iterdir()))

asyncio.run(main())
"""
    done = subprocess.run([sys.executable, "-c", script, str(file)], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["parachute.db-shm:600", "parachute.db-wal:600", "parachute.db:600"]
    assert mode(file.parent) == 0o700


def test_a_file_that_was_open_to_others_is_closed_to_them(file: Path) -> None:
    open_and_close(file)
    file.chmod(0o644)
    open_and_close(file)
    assert mode(file) == 0o600


def test_a_file_that_is_no_database_is_named_and_left_alone(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"my holiday diary\n" * 500)
    before = file.stat()
    with pytest.raises(StoreError, match=r"parachute\.db"):
        open_and_close(file)
    assert file.read_bytes() == b"my holiday diary\n" * 500
    assert (file.stat().st_mode, file.stat().st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
    assert [one.name for one in file.parent.iterdir()] == ["parachute.db"]


def test_a_damaged_database_is_named(file: Path) -> None:
    file.parent.mkdir()
    content = b"SQLite format 3\x00" + os.urandom(5000)
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"parachute\.db"):
        open_and_close(file)
    assert file.read_bytes() == content


def test_another_programs_database_is_left_alone(file: Path) -> None:
    file.parent.mkdir()
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE sessions (id TEXT)")
    other.close()
    before = file.read_bytes()
    with pytest.raises(StoreError, match="something else"):
        open_and_close(file)
    assert file.read_bytes() == before


def test_a_folder_in_its_place_is_an_error(file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(StoreError, match=r"parachute\.db"):
        open_and_close(file)


@pytest.mark.parametrize("name", ["a b.db", "100%.db", "what?.db", "tag#1.db", "ключ.db"])
async def test_any_file_name_works(tmp_path: Path, name: str) -> None:
    async with Database.open(tmp_path / name, SystemClock()) as database:
        assert await database.fetch_all("SELECT id FROM sessions") == []
    assert os.listdir(tmp_path) == [name]


async def test_it_is_closed_when_the_block_raises(file: Path) -> None:
    before = set(threading.enumerate())
    with pytest.raises(ValueError, match="mine"):
        async with Database.open(file, SystemClock()):
            raise ValueError("mine")
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(threading.enumerate()) <= before
    assert [one.name for one in file.parent.iterdir()] == ["parachute.db"]  # A clean close takes the -wal file away.


async def test_it_is_closed_when_the_block_is_cancelled(file: Path) -> None:
    opened = asyncio.Event()

    async def hold() -> None:
        async with Database.open(file, SystemClock()):
            opened.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(hold())
    await opened.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [one.name for one in file.parent.iterdir()] == ["parachute.db"]


async def test_a_closed_database_answers_with_a_store_error(file: Path) -> None:
    async with Database.open(file, SystemClock()) as database:
        pass
    with pytest.raises(StoreError):
        await database.fetch_all("SELECT 1")
    with pytest.raises(StoreError):
        async with database.transaction():
            pass


async def test_statements_do_not_reach_the_log(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        async with Database.open(file, SystemClock()) as database, database.transaction() as transaction:
            await transaction.execute("INSERT INTO secrets (name, value, made_at) VALUES ('n', :value, '')", {"value": "sesame"})
    assert "sesame" not in caplog.text
