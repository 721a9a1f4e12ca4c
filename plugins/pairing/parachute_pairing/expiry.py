"""When a request that nobody answered has expired, and the loop that looks for such."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from parachute_core import Clock


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
