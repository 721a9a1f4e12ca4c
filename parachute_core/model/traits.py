"""What a platform can do, as its connector states it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Traits:
    """Limits and abilities of a platform."""

    max_length: int
    """Most units of one message's text, counted by `measure`."""
    measure: Callable[[str], int] = len
    """Units of a text as the platform counts them; at least one for each character, additive over concatenation."""
    edit_interval: float | None = None
    """Least seconds between two edits of a message that is being written; None: answers are sent once complete."""
    idempotent_messages: bool = False
    """True: the platform recognises a repeated `Outgoing.key` of a new message."""
    idempotent_seconds: float | None = None
    """For how long it does, from the first try; None: for as long as matters."""


def utf16_units(text: str) -> int:
    """Length in UTF-16 units, for platforms that count so, or may: never less than the number of characters."""
    return len(text) + sum(1 for one in text if one > "\uffff")
