"""What the trial needs of a platform."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from parachute_core.testing.http import Fault

CHATS = 4
"""Chats of a trial, each of one person."""


class Counterpart(Protocol):
    """A platform that outlives the bot. Use it as an async context manager."""

    name: str
    """The platform's, as in `bots.yaml`."""
    recognises: bool
    """Whether the platform recognises a repetition, so that nothing may be doubled at all."""
    sending: str
    """A regular expression for the paths of calls that send a message; empty: there is nothing to put faults into."""
    flood: object
    """The body with which it says that these are too many calls."""

    async def __aenter__(self) -> "Counterpart":
        """Start it."""
        ...

    async def __aexit__(self, *_: object) -> None:
        """Stop it."""
        ...

    def section(self) -> Mapping[str, object]:
        """The platform's section in `bots.yaml`."""
        ...

    async def started(self, url: str) -> bool:
        """The bot runs at this address. False: it has to be started again with what `section` says now."""
        ...

    async def say(self, chat: int, text: str) -> str:
        """The person of a chat writes; what cannot be brought to the bot now is brought later. Returns the message's id.

        One at a time for each chat.
        """
        ...

    def read(self, chat: int) -> Sequence[str]:
        """What the bot's messages in a chat read now, oldest first."""
        ...

    @property
    def faults(self) -> list[Fault]:
        """The rules in force."""
        ...
