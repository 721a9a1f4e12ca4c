"""Follows what the owner changes in `bots.yaml` by hand while the bot runs."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from parachute_core.clock import Clock
from parachute_core.config.differences import PARTS, Reloaded, changed_keys
from parachute_core.config.file import ConfigFile
from parachute_core.config.read import LoadedConfig
from parachute_core.model.errors import ConfigError

EVERY = 2.0
"""Seconds between two looks at the file."""

log = logging.getLogger(__name__)

Follow = Callable[[LoadedConfig, Sequence[str]], Awaitable[None]]
"""Given the file as it is now, and the keys that are other than before."""


class ConfigWatch:
    """Looks at the file's time, size and identity; a file that cannot be used changes nothing but the log."""

    def __init__(self, config: ConfigFile, follow: Follow, clock: Clock) -> None:
        self._config = config
        self._follow = follow
        self._clock = clock
        self._started = config.current
        self._last = config.current
        self._seen = self._fingerprint()
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            await self._clock.sleep(EVERY)
            if self._fingerprint() != self._seen:
                try:
                    await self.look()
                except ConfigError:  # told in the log
                    continue

    async def look(self) -> Reloaded:
        """Read the file now and follow it, changed or not: what its references stand for may be other by now.

        Raises `ConfigError` when it cannot be used; then the bot goes on with what it read before.
        """
        async with self._looking:
            self._seen = self._fingerprint()
            before = self._config.current
            try:
                loaded = await asyncio.to_thread(self._config.load)
            except ConfigError as error:
                for problem in error.problems:
                    log.error("bots.yaml was changed and cannot be used; the bot goes on with what it read before: %s", problem)
                raise
            changed = changed_keys(before.config, loaded.config)
            followed = await self._followed(loaded, changed)
            needs = [part for part in PARTS if getattr(loaded.config, part) != getattr(self._started.config, part)]
            for part in needs:
                if getattr(loaded.config, part) != getattr(self._last.config, part):
                    log.warning("bots.yaml: what changed below %s takes effect at the next start", part)
            self._last = loaded
            log.info("bots.yaml was read anew", extra={"changed": ", ".join(changed) or None, "needs_start": ", ".join(needs) or None})
            return Reloaded(tuple(changed), tuple(needs), followed)

    async def _followed(self, loaded: LoadedConfig, changed: Sequence[str]) -> bool:
        try:
            await self._follow(loaded, changed)
        except Exception as error:
            log.error("a change of bots.yaml could not be followed", extra={"error": type(error).__name__})
            log.debug("a change of bots.yaml could not be followed", exc_info=error)
            return False
        return True

    def _fingerprint(self) -> tuple[int, int, int] | None:
        try:
            found = self._config.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
