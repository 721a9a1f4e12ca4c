"""One request of a stranger, and what becomes of a message of its author."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from parachute_core import Inbound, TrustLevel, plain_name

ID_ALPHABET = "23456789bcdfghjkmnpqrstvwxz"
"""No letter that is taken for another, and no vowel, so that no word comes out."""
ID_LENGTH = 8


BY_INVITATION = "invitation"
"""`PairingRequest.resolved_by` of a person who came with a code."""


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
    """`owner`; `invitation`, by a code of the owner's; None while pending and when it expired."""
    nudges: int = 0
    """Reminders that the user has had."""
    preview: str | None = field(default=None, repr=False)
    """The beginning of what the user wrote, on one line and HTML-escaped; None where none is kept."""
    grant_until: datetime | None = None
    """When an approval ends by itself; None: never."""


class Asked(StrEnum):
    """What became of a stranger's message."""

    ALLOWED = "allowed"
    """No stranger any more: approved while the message waited."""
    OPENED = "opened"
    REMINDED = "reminded"
    SILENCED = "silenced"
    FULL = "full"
    """Too many are pending, or have asked within the hour."""
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of it, and the id of the request it is about, if there is one."""

    asked: Asked
    request_id: str | None = None


def new_id() -> str:
    """A fresh request id."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(ID_LENGTH))


def shown_name(message: Inbound) -> str | None:
    """What the sender calls itself, cleaned; None when nothing visible is left."""
    return plain_name(message.user_name or "") or None
