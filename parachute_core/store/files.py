"""The database file: private from its first byte, and left alone when it is not ours."""

import os
import stat
from pathlib import Path

from parachute_core.model.errors import StoreError

MAGIC = b"SQLite format 3\x00"
COMPANIONS = ("-wal", "-shm")
PRIVATE = 0o600


def prepare(path: Path) -> None:
    """Make the file (0600) and its folder (0700) where they are missing. Changes nothing that exists.

    Raises `StoreError` when what stands there is no SQLite database or cannot be read.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives the -wal and -shm files the mode of the database file.
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        try:
            regular = stat.S_ISREG(os.fstat(file).st_mode)
            start = os.read(file, len(MAGIC)) if regular else b""
        finally:
            os.close(file)
    except OSError as error:
        raise StoreError(f"{path}: cannot be opened: {error.strerror or error}") from error
    if not regular or (start and start != MAGIC):
        raise StoreError(f"{path}: not a database of this bot; it was not changed")


def is_database(path: Path) -> bool:
    """Whether it is a SQLite database. Raises `OSError`."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def make_private(path: Path) -> None:
    """Take the database and its companions away from every other user of the machine. Raises `StoreError` when that is impossible."""
    for one in (path, *(path.with_name(path.name + suffix) for suffix in COMPANIONS)):
        try:
            if one.exists() and stat.S_IMODE(one.stat().st_mode) != PRIVATE:
                one.chmod(PRIVATE)
        except OSError as error:
            raise StoreError(f"{one}: is open to other users, and cannot be closed to them: {error.strerror or error}") from error
