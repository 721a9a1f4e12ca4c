"""What happened to a stranger's wish to talk to the bot."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from parachute_core.model.trust import TrustLevel


class PairingKind(StrEnum):
    """What was committed."""

    REQUESTED = "requested"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    REVOKED = "revoked"
    BLOCKED = "blocked"
    """Whatever the user sends is dropped from now on; a pending request is closed with it, without another event."""
    UNBLOCKED = "unblocked"


@dataclass(frozen=True, slots=True)
class PairingEvent:
    """A change of the pairing store, told after it was committed."""

    kind: PairingKind
    platform: str
    user_id: str
    at: datetime
    request_id: str | None = None
    """The request it is about, where there is one; None for a revocation."""
    chat_id: str | None = None
    """The chat that the request came from, where there is a request."""
    trust_level: TrustLevel | None = None
    """The level given by an approval, else None."""
    why: str | None = None
    """For the record, in words; None where the kind says it all."""
