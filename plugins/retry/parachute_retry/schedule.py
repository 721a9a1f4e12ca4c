"""How long to wait before each retry. The only file that knows `backoff`, of which only the wait generators are used: its
decorators sleep on the real clock and log the text of exceptions.
"""

from collections.abc import Callable, Iterator
from random import SystemRandom

import backoff

from parachute_retry.settings import Settings

fraction: Callable[[], float] = SystemRandom().random
"""A number from 0 up to 1, another one at each call."""


def waits(settings: Settings, chance: Callable[[], float] = fraction) -> Iterator[float]:
    """Seconds to wait before the first retry, the second, and so on; ends after the last retry."""
    steps = backoff.constant(interval=settings.waits)
    next(steps)  # a generator of backoff gives nothing at the first call: it has to be started
    for step in steps:
        # Jitter alone never makes a wait too long to be waited.
        yield min(step * (1 + settings.jitter * chance()), settings.max_wait)
