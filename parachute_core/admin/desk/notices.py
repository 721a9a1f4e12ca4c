"""What is said after something was done: kept until the page that follows has shown it."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

MOST = 100
"""Notices that wait to be shown."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence."""

    text: str
    good: bool
    secret: str | None = None
    """What is shown this once and never again."""


class Notices:
    """Each is shown once, to the browser that it is for: two windows do not read each other's."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[tuple[str, str], Notice] = OrderedDict()

    def put(self, login_id: str, notice: Notice) -> str:
        """Keep it; returns by what it is asked for."""
        number = secrets.token_urlsafe(9)
        self._waiting[login_id, number] = notice
        while len(self._waiting) > MOST:
            self._waiting.popitem(last=False)
        return number

    def take(self, login_id: str, number: str) -> Notice | None:
        """The notice, this once; None: it was shown, or never there."""
        return self._waiting.pop((login_id, number), None)
