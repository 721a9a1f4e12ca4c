"""When a request that nobody answered has expired, and the loops that look for what has come to its end."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from parachute_core import Clock

AGAIN = 60.0
"""Seconds until a grant that could not be ended is tried again."""


def oldest_alive(now: datetime, ttl_days: float) -> datetime:
    """A request made before this moment has expired; one that is exactly `ttl_days` old has not."""
    return now - timedelta(days=ttl_days)


async def sweep(tidy: Callable[[], Awaitable[None]], clock: Clock, interval: float, log: logging.Logger) -> None:
    """Call `tidy` every `interval` seconds, for ever; a failure is logged, and the next round tries again."""
    while True:
        await clock.sleep(interval)
        try:
            await tidy()
        except Exception as error:  # noqa: BLE001 - one failed round must not end the loop
            log.error("the sweep for expired pairing requests failed", extra={"error": type(error).__name__})


async def keep_terms(
    next_end: Callable[[], Awaitable[None]], end: Callable[[], Awaitable[bool]], clock: Clock, log: logging.Logger
) -> None:
    """End grants at their moments, for ever. `next_end` returns when there may be one to end; `end` says whether all were."""
    while True:
        await next_end()
        try:
            done = await end()
        except Exception as error:  # noqa: BLE001 - one failed round must not end the loop
            log.error("a grant that is over could not be ended", extra={"error": type(error).__name__})
            done = False
        if not done:
            await clock.sleep(AGAIN)
