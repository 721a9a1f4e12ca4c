"""Who else may read or owns what is the bot's."""

import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from parachute_core.doctor.case import Case
from parachute_core.doctor.check import Check, Severity

CONTAINER = Path("/run/secrets")
"""Where containers get secrets; who may read them there is the container's business."""


class HomeOpen(Check):
    """Others may enter it."""

    id = "home-open"
    severity = Severity.ERROR
    means = "other users of this machine may enter the home"
    advice = "chmod 700 the folder; `parachute-core run` does so too"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        mode = _mode(case.home.path)
        if mode & 0o077:
            yield f"{case.home.path}: its mode is {mode:04o}"


class FileOpen(Check):
    """Others may read or write it."""

    id = "file-open"
    severity = Severity.ERROR
    means = "a file of the home that holds secrets or what people wrote has a mode that lets other users at it"
    advice = "chmod 600 the file (700 a folder); who may have read a token or key needs a new one"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        for path in _own(case):
            if (mode := _mode(path)) & 0o077:
                yield f"{path}: its mode is {mode:04o}"


class SecretFileOpen(Check):
    """Others may read a secret that stands elsewhere."""

    id = "secret-file-open"
    severity = Severity.WARNING
    means = "a file outside the home and `/run/secrets` that `bots.yaml` takes a secret from can be read by other users"
    advice = "chmod 600 the file, and make it the bot's user's"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        for path in dict.fromkeys(case.loaded.document.expansion.files if case.loaded else ()):
            outside = not path.resolve().is_relative_to(case.home.path.resolve()) and not path.is_relative_to(CONTAINER)
            if outside and (mode := _mode(path)) & 0o077:
                yield f"{path}: its mode is {mode:04o}"


class FileForeign(Check):
    """It is somebody else's."""

    id = "file-foreign"
    severity = Severity.ERROR
    means = "a file of the home belongs to another user than the home, most often because a command was once run as root"
    advice = "chown the file to the user that the bot runs as"

    def look(self, case: Case) -> Iterator[str]:
        """See `Check.look`."""
        owner = _owner(case.home.path.resolve())
        for path in _own(case):
            if (found := _owner(path)) not in (owner, None):
                yield f"{path}: belongs to user {found}, the home to user {owner}"


def _own(case: Case) -> Iterator[Path]:
    """The files of the home, and the folders of secrets and connectors."""
    home = case.home
    database = home.database_path
    beside = [database.with_name(database.name + suffix) for suffix in ("", "-wal", "-shm")]
    backup = home.config_path.with_name(home.config_path.name + ".bak")
    for path in (home.config_path, backup, *beside, home.key_path, home.lock_path, home.secrets_path, home.connectors_path):
        if path.exists():
            yield path
    with suppress(OSError):  # there is none, or it is closed to us: then it is foreign itself
        yield from sorted(home.secrets_path.iterdir())


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0


def _owner(path: Path) -> int | None:
    """Of a link itself. None: it is not there, or closed to us."""
    try:
        return path.lstat().st_uid
    except OSError:
        return None
