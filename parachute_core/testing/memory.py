"""A connector's memory and context without a bot, for tests of a connector alone."""

import logging
import tempfile
from pathlib import Path
from typing import Any

from parachute_core.clock import Clock
from parachute_core.connectors.base import ConnectorContext
from parachute_core.testing.clock import FakeClock


class DictMemory:
    """A `connectors.base.Memory` in a dict; outlives the connectors that it is given to."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        """By key, the one that was put last at the end."""

    async def get(self, key: str) -> str | None:
        """See `Memory.get`."""
        return self.kept.get(key)

    async def put(self, key: str, value: str) -> None:
        """See `Memory.put`."""
        self.kept.pop(key, None)
        self.kept[key] = value

    async def forget(self, key: str) -> None:
        """See `Memory.forget`."""
        self.kept.pop(key, None)

    async def keep_newest(self, prefix: str, count: int) -> None:
        """See `Memory.keep_newest`."""
        keys = [key for key in self.kept if key.startswith(prefix)]
        for key in keys[: max(0, len(keys) - count)]:
            del self.kept[key]

    async def items(self, prefix: str) -> dict[str, str]:
        """See `Memory.items`."""
        return {key: value for key, value in self.kept.items() if key.startswith(prefix)}


def connector_context(
    platform: str, settings: Any, *, clock: Clock | None = None, memory: DictMemory | None = None, folder: Path | None = None
) -> ConnectorContext:
    """What a connector is given, with a fake clock, a memory of its own, and an unmade folder, where none are brought."""
    return ConnectorContext(
        platform=platform,
        settings=settings,
        clock=clock or FakeClock(),
        logger=logging.getLogger("parachute_core.test"),
        secret=b"s" * 32,
        memory=memory or DictMemory(),
        may_show=lambda _chat_id: True,
        folder=folder or Path(tempfile.gettempdir()) / "parachute-unmade" / platform,
    )
