"""So much within an hour, and no more."""

from collections import deque

from parachute_core import Clock

HOUR = 3600.0


class Hourly:
    """Counts what happens on each platform. Remembers no more than the limit for each, and starts at nothing with the bot."""

    def __init__(self, limit: int, clock: Clock) -> None:
        self._limit = limit
        self._clock = clock
        self._times: dict[str, deque[float]] = {}

    def full(self, platform: str) -> bool:
        """Whether the limit was reached within the last hour."""
        times = self._times.get(platform)
        return times is not None and len(times) == self._limit and self._clock.monotonic() - times[0] < HOUR

    def take(self, platform: str) -> bool:
        """Count one more; False when that is too many, and then it is not counted."""
        if self.full(platform):
            return False
        self._times.setdefault(platform, deque(maxlen=self._limit)).append(self._clock.monotonic())
        return True
