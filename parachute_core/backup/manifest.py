"""What a backup says of itself: the first thing in it."""

import gzip
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from parachute_core.model.errors import ParachuteError

FORMAT = 1
NAME = "parachute-backup.json"
LARGEST = 4 * 1024 * 1024
"""Bytes of a manifest; that of a large home has a few thousand."""

PRIVATE = 0o600
EXECUTABLE = 0o100

DAMAGE = (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error)
"""What the libraries raise where an archive is not what was written."""


class BackupError(ParachuteError):
    """A backup cannot be made, or cannot be used. The text says which file and why; nothing was changed."""


class Foreign(BackupError):
    """The file is no backup of a bot."""


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or str(path) in ("", ".") or "\0" in name:
        raise ValueError("leads out of the home")
    return name


class Part(BaseModel):
    """One file of the home."""

    model_config = ConfigDict(frozen=True)

    size: Annotated[int, Field(ge=0)]
    """Bytes."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """What is in a backup, and by what it was made."""

    model_config = ConfigDict(frozen=True)

    format: int
    made_at: str
    """UTC, as ISO 8601 writes it."""
    version: str
    """Of the core that made it."""
    plugins: dict[str, str]
    """The versions of the distributions of the plugins that were installed."""
    schema_steps: dict[str, int]
    """How far the database's schema was, of the core and of each plugin that has tables."""
    files: dict[Annotated[str, AfterValidator(_inside)], Part]
    """By path below the home."""


def kept_mode(mode: int) -> int:
    """The mode that a file has in a backup and after it: its owner's alone, and to be executed if it was before."""
    return PRIVATE | (mode & EXECUTABLE)


def read_manifest(archive: tarfile.TarFile, path: Path) -> Manifest:
    """The manifest of an open archive. Raises `BackupError`, `Foreign` where there is none."""
    try:
        first = archive.next()
        found = archive.extractfile(first) if first is not None and first.name == NAME and first.size <= LARGEST else None
        if found is None:
            raise Foreign(f"{path}: is no backup of a bot")
        manifest = Manifest.model_validate_json(found.read())
    except ValidationError as error:
        raise BackupError(f"{path}: its manifest cannot be read ({error.error_count()} problems); it may be damaged") from None
    except (*DAMAGE, OSError) as error:
        raise Foreign(f"{path}: is no backup of a bot: {error}") from error
    if manifest.format > FORMAT:
        raise BackupError(f"{path}: was made by a newer version ({manifest.version}); install that one to restore it")
    return manifest


def open_archive(path: Path) -> tarfile.TarFile:
    """Open it to be read from its beginning. Raises `BackupError`, `Foreign` where it is no archive at all."""
    try:
        return tarfile.open(path, "r:gz")
    except DAMAGE as error:
        raise Foreign(f"{path}: is no backup of a bot: {error}") from error
    except OSError as error:
        raise BackupError(f"{path}: cannot be read: {error.strerror or error}") from error
