"""The admin key: from the config, or made once and kept in a file that only its owner can read."""

import logging
import os
import re
import secrets
import stat
from pathlib import Path

from parachute_core.config.schema import AdminSection
from parachute_core.model.errors import ConfigError

PREFIX = "para_"
PRIVATE = 0o600
KEY = re.compile(r"para_[A-Za-z0-9_-]{32,128}")
LARGEST = 1024
"""Bytes of the file that are looked at; a key file is far smaller."""

log = logging.getLogger(__name__)


def admin_key(path: Path, admin: AdminSection, host: str | None = None) -> str:
    """The key to serve with: `admin.key` of the config, or that of the file, which is made where it is missing. Blocks.

    `host`: the address to be bound, where it is not the config's. Raises `ConfigError` when it is no loopback address and
    no key was chosen, and when the file is there and holds no key.
    """
    chosen = admin.at(host).key
    if chosen:
        return chosen
    return read_key(path, closed=True) if os.path.lexists(path) else make_key(path)


def make_key(path: Path) -> str:
    """Make a key and its file. Should another process be faster, its key is read instead."""
    key = PREFIX + secrets.token_urlsafe(32)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE)
        try:
            with os.fdopen(file, "w") as out:
                out.write(key + "\n")
                out.flush()
                os.fsync(out.fileno())
            # A link appears complete or not at all, and never replaces a key that is there.
            os.link(draft, path)
        finally:
            draft.unlink()
    except FileExistsError:
        return read_key(path, closed=True)
    except OSError as error:
        raise ConfigError(f"{path}: the admin key cannot be written: {error.strerror or error}") from error
    return key


def read_key(path: Path, *, closed: bool = False) -> str:
    """The key in the file. Raises `ConfigError`. `closed`: a file that others can read is taken away from them, with a warning."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            found = os.fstat(file)
            if not stat.S_ISREG(found.st_mode):
                raise ConfigError(f"{path}: is no regular file; an admin key belongs there")
            text = os.read(file, LARGEST).decode("utf-8", "replace")
            if closed and stat.S_IMODE(found.st_mode) & 0o077:
                log.warning("the admin key could be read by others; its mode is 0600 now", extra={"path": str(path)})
                os.fchmod(file, PRIVATE)
        finally:
            os.close(file)
    except OSError as error:
        raise ConfigError(f"{path}: the admin key cannot be read: {error.strerror or error}") from error
    key = text.strip()
    if not KEY.fullmatch(key):
        # Making a new one by itself would hide that someone damaged the file, and lock out every client.
        raise ConfigError(f"{path}: holds no admin key (para_ and 32 letters or more); delete the file to have a new one made")
    return key
