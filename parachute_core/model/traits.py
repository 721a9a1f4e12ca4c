"""What a platform can do, as its connector states it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """How many calls something bears."""

    burst: int
    """Calls at once, after a pause."""
    per_second: float
    """Calls in the long run."""


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
    realm: str = ""
    """Where it does: keys of another realm (another account, another device) mean nothing to it. Holds no secret."""
    buttons: bool = False
    """True: `Outgoing.buttons` are shown. Where not, the core writes them out as text."""
    chat_rate: Callable[[str], Rate] | None = None
    """What a chat bears, by its id; None: whatever comes."""
    rate: Rate | None = None
    """What the platform bears of this bot, over all chats; None: whatever comes."""


def realm_of(credentials: str) -> str:
    """A realm that changes with the credentials and does not tell them."""
    return hashlib.sha256(f"realm:{credentials}".encode()).hexdigest()[:16]


def utf16_units(text: str) -> int:
    """Length in UTF-16 units, for platforms that count so, or may: never less than the number of characters."""
    return len(text) + sum(1 for one in text if one > "\uffff")
