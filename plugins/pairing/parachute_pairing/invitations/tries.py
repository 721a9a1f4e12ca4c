"""How often somebody sent a wrong code."""

from collections import OrderedDict

from parachute_core import Clock
from parachute_pairing.hourly import Hourly

ALLOWED = 5
"""Wrong codes of one person before the pause."""
REMEMBERED = 4096


class Tries:
    """Counts wrong codes of people and of platforms, within bounds. Starts at nothing with the bot."""

    def __init__(self, pause: float, guesses_per_hour: int, clock: Clock) -> None:
        self._pause = pause
        self._clock = clock
        self._platforms = Hourly(guesses_per_hour, clock)
        self._people: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()
        """Wrong codes so far, and when the last one came."""

    def may(self, platform: str, user_id: str) -> bool:
        """Whether a code of this person is looked at now."""
        if self._platforms.full(platform):
            return False
        wrong, last = self._people.get((platform, user_id), (0, 0.0))
        if wrong >= ALLOWED and self._clock.monotonic() - last >= self._pause:
            self.forget(platform, user_id)
            return True
        return wrong < ALLOWED

    def wrong(self, platform: str, user_id: str) -> int:
        """Note a wrong code; returns how many the person has left before the pause."""
        self._platforms.take(platform)
        before, _ = self._people.pop((platform, user_id), (0, 0.0))
        self._people[platform, user_id] = before + 1, self._clock.monotonic()
        if len(self._people) > REMEMBERED:
            self._people.popitem(last=False)
        return max(0, ALLOWED - before - 1)

    def forget(self, platform: str, user_id: str) -> None:
        """This person sent a good code, or had the pause."""
        self._people.pop((platform, user_id), None)
