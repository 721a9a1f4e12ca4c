"""Which failures may be repeated: decided by class, never by guess."""

from parachute_core import Ambiguous, NotDelivered, Outgoing, SendError


def repeatable(error: SendError, outgoing: Outgoing) -> bool:
    """Whether making the call again can not show the user anything twice, and may succeed."""
    if isinstance(error, NotDelivered):
        return True
    return isinstance(error, Ambiguous) and outgoing.idempotent


def asked_wait(error: SendError) -> float:
    """Seconds that the platform asked to wait before the next try; 0 when it asked for nothing."""
    return (error.retry_after or 0.0) if isinstance(error, NotDelivered) else 0.0
