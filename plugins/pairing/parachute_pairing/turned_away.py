"""The strangers for whom there was no room."""

from collections import OrderedDict

from parachute_core import Clock
from parachute_pairing.hourly import Hourly

REMEMBERED = 1024
TOLD_AN_HOUR = 100
"""Strangers of one platform who are told so within an hour; the others are only counted."""


class TurnedAway:
    """Counts them, and remembers the newest 1024 so that each is told at most once. Starts at nothing with the bot."""

    def __init__(self, clock: Clock) -> None:
        self.messages = 0
        """Messages of strangers that came while there was no room for their requests."""
        self._told: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._words = Hourly(TOLD_AN_HOUR, clock)

    def note(self, platform: str, user_id: str) -> bool:
        """Count one message. True: its author is to be told."""
        self.messages += 1
        first = (platform, user_id) not in self._told
        if first and not self._words.take(platform):
            return False
        self._told[platform, user_id] = None
        self._told.move_to_end((platform, user_id))
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return first

    def forget(self, platform: str, user_id: str) -> None:
        """There was room for this one after all."""
        self._told.pop((platform, user_id), None)
