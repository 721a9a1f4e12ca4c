"""One invitation of the owner's."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from parachute_core import TrustLevel


class InviteStatus(StrEnum):
    """Where an invitation stands; all but `open` are final."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Invite:
    """An invitation as it stood when it was read. Its code is known to whoever has it, and to nobody here."""

    id: str
    trust_level: TrustLevel
    created_at: datetime
    expires_at: datetime
    """From this moment on it is good no more."""
    status: InviteStatus = InviteStatus.OPEN
    used_at: datetime | None = None
    request_id: str | None = None
    """The request under which the person who used it was let in."""
