"""A wait in words."""

from math import ceil

MINUTE = 60
HOUR = 60 * MINUTE


def in_words(seconds: float) -> str:
    """`12 seconds`, `5 minutes`, `3 hours`: in the unit that suits the length, and rounded up, so that who waits that long is let in."""
    if seconds <= 2 * MINUTE:
        return _count(max(1, ceil(seconds)), "second")
    if seconds <= 2 * HOUR:
        return _count(ceil(seconds / MINUTE), "minute")
    return _count(ceil(seconds / HOUR), "hour")


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
