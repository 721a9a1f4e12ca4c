"""One request of a stranger, and what becomes of a message of its author."""

import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from parachute_core import TrustLevel

ID_ALPHABET = "23456789bcdfghjkmnpqrstvwxz"
"""No letter that is taken for another, and no vowel, so that no word comes out."""
ID_LENGTH = 8
LONGEST_NAME = 64
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that show as nothing, though Unicode does not class them as format characters."""


class RequestStatus(StrEnum):
    """Where a request stands; all but `pending` are final."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class PairingRequest:
    """A request as it stood when it was read."""

    id: str
    """Eight letters and digits: short enough to be read out by the user to the owner."""
    platform: str
    user_id: str
    chat_id: str
    """The direct chat in which the user asked, and is told."""
    created_at: datetime
    user_display: str | None = field(default=None, repr=False)
    """The name that the sender chose to show, cleaned and cut; untrusted, for display alone."""
    status: RequestStatus = RequestStatus.PENDING
    approved_trust_level: TrustLevel | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    """`owner`, or None while pending and when it expired."""
    nudges: int = 0
    """Reminders that the user has had."""


class Asked(StrEnum):
    """What became of a stranger's message."""

    ALLOWED = "allowed"
    """No stranger any more: approved while the message waited."""
    OPENED = "opened"
    REMINDED = "reminded"
    SILENCED = "silenced"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of it, and the id of the request it is about, if there is one."""

    asked: Asked
    request_id: str | None = None


def new_id() -> str:
    """A fresh request id."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))


def clean_name(name: str | None) -> str | None:
    """A display name that cannot disturb the page or terminal in which the owner reads it; None when nothing visible is left.

    Control, bidirectional, zero-width and unassigned characters go, white space becomes single blanks, and it is cut at 64 characters.
    """
    if name is None:
        return None
    # What is cut off need not be looked at; the factor leaves room for what is taken out.
    spaced = " ".join(name[: LONGEST_NAME * 16].split())
    visible = "".join(one for one in spaced if unicodedata.category(one)[0] != "C" and one not in INVISIBLE)
    return " ".join(visible.split())[:LONGEST_NAME].rstrip() or None
