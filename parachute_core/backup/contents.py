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
BESIDE_DATABASES = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database: a snapshot holds it."""


def is_fleeting(path: Path, home: Home) -> bool:
    """Whether the file means something only for as long as some process runs. Raises `OSError`."""
    name, at_home = path.name, path.parent == home.path
    if at_home and name in (*FLEETING, f"{home.config_path.name}.lock"):
        return True
    if at_home and name.startswith(f".{home.key_path.name}."):
        return True
    if (at_home or path.parent == home.secrets_path) and name.startswith(".") and path.suffix == ".new":
        return True
    return any(_is_database(path.with_name(name.removesuffix(one))) for one in BESIDE_DATABASES if name.endswith(one))


def files_of(home: Home) -> Iterator[Path]:
    """Every file that belongs into a backup, also what a link leads to. Folders that are links are left alone. Raises `OSError`."""
    for folder, _, names in os.walk(home.path):
        for name in sorted(names):
            path = Path(folder) / name
            if path.is_file() and not is_fleeting(path, home):
                yield path


def copy_of(home: Home, folder: Path) -> dict[str, Path]:
    """Copy them into `folder`; returns the copies by their path below the home. Raises `StoreError` and `OSError`.

    Databases first: whoever is revoked meanwhile is off the list in the file that is copied after them.
    """
    found = sorted(files_of(home), key=lambda path: not _is_database(path))
    copies: dict[str, Path] = {}
    for path in found:
        name = path.relative_to(home.path).as_posix()
        copy = folder / name
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            if is_database(path):
                snapshot(path, copy)
            else:
                shutil.copy(path, copy)
        except FileNotFoundError:  # a draft of somebody who writes at this moment
            continue
        copies[name] = copy
    return copies


def _is_database(path: Path) -> bool:
    """The same of what may be gone meanwhile, or no file at all."""
    try:
        return path.is_file() and is_database(path)
    except FileNotFoundError:
        return False
