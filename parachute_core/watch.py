"""Follows what the owner changes in `bots.yaml` by hand while the bot runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from parachute_core.clock import Clock
from parachute_core.config.file import ConfigFile
from parachute_core.config.read import LoadedConfig
from parachute_core.model.errors import ConfigError

EVERY = 2.0
"""Seconds between two looks at the file."""

log = logging.getLogger(__name__)

Follow = Callable[[LoadedConfig, LoadedConfig], Awaitable[None]]
"""Given the file as it is now, and as it was known before."""


class ConfigWatch:
    """Looks at the file's time, size and identity; a file that cannot be used changes nothing but the log."""

    def __init__(self, config: ConfigFile, follow: Follow, clock: Clock) -> None:
        self._config = config
        self._follow = follow
        self._clock = clock
        self._last = config.current
        self._seen = self._fingerprint()

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await self._clock.sleep(EVERY)
            now = self._fingerprint()
            if now != self._seen:
                self._seen = now
                await self._look()

    async def _look(self) -> None:
        before = self._config.current
        try:
            loaded = await asyncio.to_thread(self._config.load)
        except ConfigError as error:
            for problem in error.problems:
                log.error("bots.yaml was changed and cannot be used; the bot goes on with what it read before: %s", problem)
            return
        try:
            await self._follow(loaded, before)
        except Exception as error:
            log.error("a change of bots.yaml could not be followed", extra={"error": type(error).__name__})
            log.debug("a change of bots.yaml could not be followed", exc_info=error)
        for part in ("plugins", "required", "orchestrator", "transcriber", "admin"):
            if getattr(loaded.config, part) != getattr(self._last.config, part):
                log.warning("bots.yaml: what changed below %s takes effect at the next start", part)
        self._last = loaded

    def _fingerprint(self) -> tuple[int, int, int] | None:
        try:
            found = self._config.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
