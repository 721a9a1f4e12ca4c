"""Makes a backup: whole or not at all, readable by its owner alone."""

import hashlib
import io
import os
import secrets
import tarfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from parachute_core._version import __version__
from parachute_core.backup.contents import copy_of
from parachute_core.backup.manifest import (
    FORMAT,
    NAME,
    PRIVATE,
    BackupError,
    Foreign,
    Manifest,
    Part,
    kept_mode,
    open_archive,
    read_manifest,
)
from parachute_core.clock import Clock
from parachute_core.home import Home
from parachute_core.store.snapshot import schema_steps


def back_up(home: Home, target: Path, plugins: Mapping[str, str], clock: Clock) -> Manifest:
    """Write everything of the home into the file `target`. The bot may run meanwhile. Blocks.

    `plugins`: the versions of the installed distributions. A backup that stands there is replaced once the new one is on the disk; anything
    else is left alone. Raises `BackupError` and `StoreError`; then `target` is as it was.
    """
    target = target.absolute()
    if not home.config_path.exists():
        raise BackupError(f"{home.path}: holds no bot: there is no {home.config_path.name}")
    if target.resolve().is_relative_to(home.path.resolve()):
        raise BackupError(f"{target}: is in the home itself; keep backups elsewhere")
    _may_be_replaced(target)
    try:
        with TemporaryDirectory(prefix=".parachute-", dir=target.parent) as name:
            copies = copy_of(home, Path(name))
            database = copies.get(home.database_path.name)
            manifest = Manifest(
                format=FORMAT,
                made_at=clock.now().isoformat(timespec="seconds"),
                version=__version__,
                plugins=dict(plugins),
                schema_steps=schema_steps(database) if database is not None else {},
                files={name: _described(path) for name, path in sorted(copies.items())},
            )
            _write(target, manifest, copies)
    except OSError as error:
        raise BackupError(f"{error.filename or target}: {error.strerror or error}") from error
    return manifest


def _may_be_replaced(target: Path) -> None:
    if not os.path.lexists(target):
        return
    if not target.is_file():
        raise BackupError(f"{target}: is there, and is no file; it was not changed")
    try:
        with open_archive(target) as archive:
            read_manifest(archive, target)
    except Foreign:
        raise BackupError(f"{target}: is there, and is no backup; it was not changed") from None


def _described(path: Path) -> Part:
    with path.open("rb") as file:
        return Part(size=path.stat().st_size, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def _write(target: Path, manifest: Manifest, copies: Mapping[str, Path]) -> None:
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
    try:
        with os.fdopen(file, "wb") as out:
            with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
                about = manifest.model_dump_json(indent=2).encode()
                archive.addfile(_entry(NAME, len(about)), io.BytesIO(about))
                for name, part in manifest.files.items():
                    with copies[name].open("rb") as content:
                        archive.addfile(_entry(name, part.size, copies[name].stat().st_mode), content)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(target)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
    folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _entry(name: str, size: int, mode: int = PRIVATE) -> tarfile.TarInfo:
    """Nothing of this machine: no user, no time."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, kept_mode(mode)
    return entry
