"""Puts a backup in the place of a home: all of it at once, after everything in it was looked at."""

import hashlib
import os
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import mkdtemp

from parachute_core.backup.contents import files_of
from parachute_core.backup.manifest import DAMAGE, BackupError, Manifest, Part, kept_mode, open_archive, read_manifest
from parachute_core.clock import Clock
from parachute_core.home import Home, HomeInUse
from parachute_core.store.snapshot import age, refuse_unusable

PRIVATE_FOLDER = 0o700
CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put in place."""

    manifest: Manifest
    kept: Path | None
    """Where the home is that was there before; None: there was none."""


def restore(source: Path, home: Home, clock: Clock, *, replace: bool) -> Restored:
    """Make the home what it was when the backup was made; no bot may run with it. Blocks.

    A home that holds anything is left alone unless `replace`; then it is kept beside the new one. Raises `BackupError`, `StoreError`
    (the database is damaged, or of a newer version), `HomeInUse`; then the home is as it was.
    """
    home = Home(home.path.resolve())  # a link to it stays one
    if home.in_use():
        raise HomeInUse(f"{home.path}: a bot is running with this home; stop it first")
    try:
        occupied = home.path.exists() and any(files_of(home))
        if occupied and not replace:
            raise BackupError(f"{home.path}: holds a bot already; say --replace to put the backup in its place (what is there is kept)")
        if occupied and not (home.config_path.exists() or home.database_path.exists()):
            raise BackupError(f"{home.path}: holds other things than a bot; it was not changed")
        if os.path.ismount(home.path):
            raise BackupError(f"{home.path}: is a mount point, which cannot be replaced as a whole; name a folder in it")
        home.path.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=f".{home.path.name}.restoring-", dir=home.path.parent))
        try:
            manifest = _unpack(source, draft)
            database = draft / home.database_path.name
            if database.exists():
                refuse_unusable(database)
                age(database)
            _give_to_owner_of(home.path if home.path.exists() else home.path.parent, draft)
            kept = _put_in_place(draft, home, clock)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        if kept is not None and not occupied:
            shutil.rmtree(kept)
            kept = None
    except OSError as error:
        raise BackupError(f"{error.filename or home.path}: cannot be restored: {error.strerror or error}") from error
    return Restored(manifest, kept)


def _unpack(source: Path, folder: Path) -> Manifest:
    with open_archive(source) as archive:
        manifest = read_manifest(archive, source)
        missing = dict(manifest.files)
        try:
            while (entry := archive.next()) is not None:  # not from the beginning: a file of the home may be called as the manifest is
                if entry.name not in missing and entry.name in manifest.files:
                    raise BackupError(f"{source}: has {entry.name} twice; it may be damaged")
                if (part := missing.pop(entry.name, None)) is not None:
                    for above in reversed(PurePosixPath(entry.name).parents):
                        (folder / above).mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
                    _unpack_one(archive, entry, part, folder / entry.name, source)
        except DAMAGE as error:
            raise BackupError(f"{source}: is damaged: {error}") from error
    if missing:
        raise BackupError(f"{source}: is damaged: {', '.join(sorted(missing))} is not in it")
    return manifest


def _unpack_one(archive: tarfile.TarFile, entry: tarfile.TarInfo, part: Part, path: Path, source: Path) -> None:
    content = archive.extractfile(entry) if entry.isreg() else None
    if content is None:
        raise BackupError(f"{source}: is damaged: {entry.name} is no file in it")
    digest, size = hashlib.sha256(), 0
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, kept_mode(entry.mode))
    with os.fdopen(file, "wb") as out:
        while chunk := content.read(CHUNK):
            out.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        out.flush()
        os.fsync(out.fileno())
    if (size, digest.hexdigest()) != (part.size, part.sha256):
        raise BackupError(f"{source}: is damaged: {entry.name} is not what was put into it")


def _give_to_owner_of(place: Path, folder: Path) -> None:
    """What root restores for a user is the user's."""
    if os.geteuid() == 0:
        found = place.stat()
        for path in (folder, *folder.rglob("*")):
            os.chown(path, found.st_uid, found.st_gid)


def _put_in_place(draft: Path, home: Home, clock: Clock) -> Path | None:
    """Returns where what was there before is now."""
    if not home.path.exists() or not any(home.path.iterdir()):
        draft.rename(home.path)
        return None
    kept = home.path.with_name(f"{home.path.name}.before-restore-{clock.now():%Y%m%dT%H%M%SZ}")
    if os.path.lexists(kept):
        raise BackupError(f"{kept}: is there already")
    with home.lock():  # which goes with the folder: a bot that starts meanwhile finds it taken, or the new home
        home.path.rename(kept)
        try:
            draft.rename(home.path)
        except OSError:
            kept.rename(home.path)
            raise
    return kept
