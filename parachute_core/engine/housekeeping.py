"""What is done once in a while, so that the database does not grow for ever."""

import logging
from collections.abc import Awaitable, Callable, Sequence

from parachute_core.clock import Clock
from parachute_core.model.errors import StoreError

EVERY = 3600.0
"""Seconds between two rounds."""

log = logging.getLogger(__name__)


async def keep_house(purges: Sequence[Callable[[], Awaitable[None]]], clock: Clock) -> None:
    """Forget what was kept long enough, now and then, until cancelled. What fails is tried in the next round."""
    while True:
        for purge in purges:
            try:
                await purge()
            except StoreError as error:
                log.warning("the database could not be tidied", extra={"error": str(error)})
        await clock.sleep(EVERY)
