"""The bot as it would be, put together and not started: for `check` and `plugins`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory

from parachute_core.assembly import Bot, assemble
from parachute_core.config.file import ConfigFile
from parachute_core.config.read import LoadedConfig
from parachute_core.model.redaction import Redactor
from parachute_core.seams import Seams
from parachute_core.store.database import Database


@asynccontextmanager
async def assembled(config: ConfigFile, loaded: LoadedConfig, environ: dict[str, str]) -> AsyncIterator[Bot]:
    """Import and make all that `run` would make, over an empty database of its own. Connects to nothing.

    Raises `ConfigError` and `PluginError` as `run` would.
    """
    seams = Seams()
    with TemporaryDirectory(prefix="parachute-") as name:
        folder = Path(name)
        async with Database.open(folder / "parachute.db", seams.clock) as store:
            key = token_urlsafe()  # Nobody will ever ask for it: nothing is served.
            bot = await assemble(config, loaded, store, key, Redactor(loaded.secrets), seams, environ, folder, "127.0.0.1", 0)
            try:
                yield bot
            finally:
                await bot.server.stop()
