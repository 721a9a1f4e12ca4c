"""How long to wait before each retry. The only file that knows `backoff`, of which only the wait generators are used: its
decorators sleep on the real clock and log the text of exceptions.
"""

from collections.abc import Callable, Iterator
from random import SystemRandom

import backoff

from parachute_retry.settings import Settings

fraction: Callable[[], float] = SystemRandom().random
"""A number from 0 up to 1, another one at each call."""


def later(settings: Settings, tries: int) -> float:
    """Seconds until a message that was tried so often is tried again; the last of `later` over and over."""
    burst = len(settings.waits) + 1
    return settings.later[min(max(0, tries - burst), len(settings.later) - 1)]


def given_up(settings: Settings, tries: int, age: float) -> bool:
    """Whether a message is not tried any more: only when it was tried often enough **and** has waited long enough (seconds)."""
    return tries >= settings.give_up_tries and age >= settings.give_up_after


def waits(settings: Settings, chance: Callable[[], float] = fraction) -> Iterator[float]:
    """Seconds to wait before the first retry, the second, and so on; ends after the last retry."""
    steps = backoff.constant(interval=settings.waits)
    next(steps)  # a generator of backoff gives nothing at the first call: it has to be started
    for step in steps:
        # Jitter alone never makes a wait too long to be waited.
        yield min(step * (1 + settings.jitter * chance()), settings.max_wait)
