"""What of a home belongs into a backup, and a copy of it in which everything is whole, while the bot goes on."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from parachute_core.home import Home
from parachute_core.store.files import is_database
from parachute_core.store.snapshot import snapshot

FLEETING = ("lock", "address", "address.new")
"""Of a bot that runs."""
FLEETING_ENDINGS = (".lock", "-wal", "-shm", "-journal")
"""Locks, and what stands beside a database: a snapshot holds it."""


def is_fleeting(path: Path, home: Home) -> bool:
    """Whether the file means something only for as long as some process runs."""
    draft = path.name.startswith(".") and (path.suffix == ".new" or path.name.startswith(f".{home.key_path.name}."))
    return draft or path.name.endswith(FLEETING_ENDINGS) or (path.parent == home.path and path.name in FLEETING)


def files_of(home: Home) -> Iterator[Path]:
    """Every file that belongs into a backup, also what a link leads to. Folders that are links are left alone."""
    for folder, _, names in os.walk(home.path):
        for name in sorted(names):
            path = Path(folder) / name
            if path.is_file() and not is_fleeting(path, home):
                yield path


def copy_of(home: Home, folder: Path) -> dict[str, Path]:
    """Copy them into `folder`; returns the copies by their path below the home. Raises `StoreError` and `OSError`.

    Databases first: whoever is revoked meanwhile is off the list in the file that is copied after them.
    """
    found = sorted(files_of(home), key=lambda path: not is_database(path))
    copies: dict[str, Path] = {}
    for path in found:
        name = path.relative_to(home.path).as_posix()
        copy = folder / name
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            if is_database(path):
                snapshot(path, copy)
            else:
                shutil.copyfile(path, copy)
        except FileNotFoundError:  # a draft of somebody who writes at this moment
            continue
        copies[name] = copy
    return copies
