"""The file on the disk: one writer at a time, and whole at every moment."""

import errno
import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

from parachute_core.model.errors import ConfigError

PRIVATE = 0o600
SECRETS = "secrets"
"""The folder, in that of `bots.yaml`, of the files that hold a secret each."""
PAUSE = 0.02
"""Seconds between two tries for the lock."""


@contextmanager
def locked(target: Path, wait: float) -> Iterator[None]:
    """Be the only writer of `target`, across threads and processes. Freed by the system when the process dies.

    Raises `ConfigError` when somebody else keeps it for more than about `wait` seconds, or when there can be no lock.
    """
    path = target.with_name(target.name + ".lock")
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be made, so nothing was changed: {error.strerror or error}") from None
    try:
        with suppress(OSError):  # there may be no file, or it is not ours to give away: then writing fails, and says so
            _give_to_owner_of(target, lock)
        pauses = Event()  # counted, so that no clock is read
        for _ in range(max(1, round(wait / PAUSE))):
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            pauses.wait(PAUSE)
        else:
            raise ConfigError(f"{target}: another process has been changing it for {wait:g} seconds; nothing was changed")
        yield
    finally:
        os.close(lock)


def replace_file(target: Path, before: bytes, after: bytes) -> bool:
    """Put `after` in the place of `before`, which is kept as `.bak`. Call it under the lock.

    False: somebody who takes no lock changed the file meanwhile, and it was left alone. Raises `ConfigError` when it
    cannot be written; then it is as it was.
    """
    fresh = target.with_name(f".{target.name}.new")
    try:
        _write(fresh, before, target)
        os.replace(fresh, target.with_name(target.name + ".bak"))
        _write(fresh, after, target)
        if target.read_bytes() != before:
            fresh.unlink()
            return False
        os.replace(fresh, target)
        _sync_folder(target.parent)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        hint = "; mount its folder, not the file alone" if error.errno == errno.EBUSY else ""
        raise ConfigError(f"{target}: cannot be written, so nothing was changed: {error.strerror or error}{hint}") from None
    return True


def create_file(path: Path, content: bytes) -> None:
    """Make a file of 0600 that was not there. Raises `FileExistsError` and other `OSError`s."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE)
    with open(file, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(file)


def put_files(folder: Path, files: Mapping[str, bytes], *, overwrite: bool) -> None:
    """Put files, by their path from `folder`, where nothing stands yet; with `overwrite` also where something does.

    All are on the disk, 0600 from their first byte, before the first takes its place, in their order; what stood in the place of
    the last is kept as `.bak`. Raises `ConfigError` when something stands there, or a file cannot be written; then nothing was changed.
    """
    targets = [folder / name for name in files]
    there = next((one for one in targets if os.path.lexists(one)), None)
    if there is not None and not overwrite:
        raise ConfigError(f"{there}: is there already; it was not changed")
    drafts = [one.with_name(f".{one.name}.new") for one in targets]
    placed: list[Path] = []
    try:
        for draft, content in zip(drafts, files.values(), strict=True):
            draft.parent.mkdir(mode=0o700, exist_ok=True)
            draft.unlink(missing_ok=True)  # left by one that was killed
            create_file(draft, content)
        if targets[-1].exists():
            backup = targets[-1].with_name(targets[-1].name + ".bak")
            backup.unlink(missing_ok=True)
            create_file(backup, targets[-1].read_bytes())
        for draft, target in zip(drafts, targets, strict=True):
            os.replace(draft, target)
            placed.append(target)
        _sync_folder(folder)
    except OSError as error:
        for path in drafts if overwrite else (*drafts, *placed):
            with suppress(OSError):
                path.unlink(missing_ok=True)
        raise ConfigError(f"{folder}: cannot be written, so nothing was changed: {error.strerror or error}") from None


def _write(path: Path, content: bytes, like: Path) -> None:
    """A new file on the disk, private from its first byte, of the owner of `like`."""
    path.unlink(missing_ok=True)  # left by a writer that was killed
    create_file(path, content)
    _give_to_owner_of(like, path)


def _give_to_owner_of(like: Path, file: Path | int) -> None:
    """What an administrator makes beside a file of the bot's user must be of use to that user."""
    owner = like.stat()
    if owner.st_uid != os.geteuid():
        os.chown(file, owner.st_uid, owner.st_gid)


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
