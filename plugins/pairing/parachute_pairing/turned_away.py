"""The strangers for whom there was no room."""

from collections import OrderedDict

REMEMBERED = 1024


class TurnedAway:
    """Counts them, and remembers the newest 1024 so that each is told once. Starts at nothing with the bot."""

    def __init__(self) -> None:
        self.messages = 0
        """Messages of strangers that came while as many requests as may be were pending."""
        self._told: OrderedDict[tuple[str, str], None] = OrderedDict()

    def note(self, platform: str, user_id: str) -> bool:
        """Count one message. True: its author is to be told."""
        self.messages += 1
        first = (platform, user_id) not in self._told
        self._told[platform, user_id] = None
        self._told.move_to_end((platform, user_id))
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)
        return first

    def forget(self, platform: str, user_id: str) -> None:
        """There was room for this one after all."""
        self._told.pop((platform, user_id), None)
