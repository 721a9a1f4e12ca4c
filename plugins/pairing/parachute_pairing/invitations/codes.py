"""What an invitation code looks like, where in a message it stands, and how it is compared."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from typing import TypeVar

from parachute_core import Inbound
from parachute_pairing.request import ID_ALPHABET

T = TypeVar("T")

GROUPS, OF = 4, 4
"""Sixteen signs out of 27: 76 random bits, which nobody guesses, and which can be read out."""
WHOLE = re.compile(rf"[{ID_ALPHABET}]{{{OF}}}(?:-?[{ID_ALPHABET}]{{{OF}}}){{{GROUPS - 1}}}", re.IGNORECASE)
WITHIN = re.compile(rf"(?<!\w){WHOLE.pattern}(?!\w)", re.IGNORECASE)
"""One among other words."""
LONGEST = 64
"""Characters of what may follow `/pair`; what is longer is cut, and is a wrong code all the same."""


def new_code() -> str:
    """A fresh code, such as `k7dw-3mzp-x2qn-9rtb`: it fits a Telegram deep link (`?start=…`)."""
    return "-".join("".join(secrets.choice(ID_ALPHABET) for _ in range(OF)) for _ in range(GROUPS))


def code_in(message: Inbound) -> str | None:
    """The code that a message brings: alone, behind `/start`, or whatever stands behind `/pair`. None: it brings none."""
    text = message.text[: 4 * LONGEST].strip()
    command, rest = message.command, "".join(text.split(maxsplit=1)[1:])
    if command == "pair" and rest:
        return rest[:LONGEST]
    if command == "start":
        text = rest
    return text if WHOLE.fullmatch(text) else None


def masked(text: str) -> str:
    """The text without any code in it: what a stranger writes is kept for the owner to see, a code nowhere."""
    return WITHIN.sub("…", text)


def digest(code: str) -> str:
    """What is kept of a code: SHA-256, which is enough for something that random. Case and dashes do not matter."""
    return hashlib.sha256(code.replace("-", "").lower().encode(errors="replace")).hexdigest()


def matching(code: str, candidates: Iterable[tuple[str, T]]) -> T | None:
    """The one of the candidates (digest, what it stands for) that is the code's. Takes as long whether and wherever it is found."""
    sought, found = digest(code), None
    for kept, one in candidates:
        if hmac.compare_digest(kept, sought):
            found = one
    return found
