"""The folder that holds everything of one bot, private to its owner."""

import fcntl
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from parachute_core.config.disk import SECRETS
from parachute_core.model.errors import ConfigError, ParachuteError

DEFAULT = ".parachute"
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


class HomeInUse(ParachuteError):
    """Another process runs a bot with this home."""


class Home:
    """Where the files of one bot are. Making one touches nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    @classmethod
    def chosen(cls, option: str | None, environ: Mapping[str, str]) -> "Home":
        """The home that `--home`, else `$PARACHUTE_HOME`, else `./.parachute` names."""
        return cls(Path(option or environ.get("PARACHUTE_HOME") or DEFAULT).expanduser())

    @property
    def config_path(self) -> Path:
        """The configuration."""
        return self.path / "bots.yaml"

    @property
    def database_path(self) -> Path:
        """The database."""
        return self.path / "parachute.db"

    @property
    def key_path(self) -> Path:
        """The admin API's key."""
        return self.path / "admin-key"

    @property
    def lock_path(self) -> Path:
        """Locked while a bot runs; holds its process id."""
        return self.path / "lock"

    @property
    def address_path(self) -> Path:
        """Holds the URL of the bot that runs, for the other commands."""
        return self.path / "address"

    @property
    def secrets_path(self) -> Path:
        """Files that hold a secret each, to which the configuration refers."""
        return self.path / SECRETS

    @property
    def connectors_path(self) -> Path:
        """Folders of the connectors whose libraries insist on files of their own."""
        return self.path / "connectors"

    def prepare(self) -> None:
        """Make the folder (0700), or take it away from other users.

        Raises `ConfigError` when that is impossible, or when it is open to others and holds things that are none of the bot's.
        """
        try:
            self.path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
            mode = stat.S_IMODE(self.path.stat().st_mode)
            if mode & 0o077:
                if not self._is_ours():
                    raise ConfigError(f"{self.path}: is open to other users and holds other things; give the bot a folder of its own")
                self.path.chmod(PRIVATE_FOLDER)
        except OSError as error:
            raise ConfigError(f"{self.path}: cannot be the bot's home: {error.strerror or error}") from error

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the home for this process; the system lets go of it when the process ends, however it ends.

        Raises `HomeInUse` when a bot runs with it already, `ConfigError` when the folder cannot be used.
        """
        self.prepare()
        file = _open(self.lock_path)
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                owner = os.pread(file, 32, 0).decode(errors="replace").strip()
                by = f" (process {owner})" if owner.isdigit() else ""
                raise HomeInUse(f"{self.path}: a bot is running with this home already{by}") from None
            os.ftruncate(file, 0)
            os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
            yield
        finally:
            os.close(file)

    def in_use(self) -> bool:
        """Whether a bot runs with this home now."""
        try:
            file = os.open(self.lock_path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(file)
        return False

    @contextmanager
    def announced(self, url: str) -> Iterator[None]:
        """Let the other commands find the bot at `url` for the length of the block."""
        draft = self.address_path.with_suffix(".new")
        file = _open(draft)
        try:
            os.ftruncate(file, 0)
            os.pwrite(file, f"{url}\n".encode(), 0)
        finally:
            os.close(file)
        draft.replace(self.address_path)
        try:
            yield
        finally:
            self.address_path.unlink(missing_ok=True)

    def running_at(self) -> str | None:
        """The URL of the bot that runs with this home, or None. An address that a killed bot left behind is not believed."""
        if not self.in_use():
            return None
        try:
            return self.address_path.read_text(encoding="utf-8").strip() or None
        except OSError:
            return None

    def running_pid(self) -> int | None:
        """The process of the bot that runs with this home, or None."""
        if not self.in_use():
            return None
        try:
            owner = self.lock_path.read_text(encoding="ascii", errors="replace").strip()
        except OSError:
            return None
        return int(owner) if owner.isdecimal() else None

    def _is_ours(self) -> bool:
        names = {one.name for one in self.path.iterdir()}
        return not names or bool(names & {one.name for one in (self.config_path, self.database_path, self.key_path, self.lock_path)})


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, PRIVATE_FILE)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be opened: {error.strerror or error}") from error
