"""What a homeserver's refusals and silences mean: for one call, and for the connection."""

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from parachute_core.model.errors import (
    Ambiguous,
    ConnectionLost,
    ConnectorError,
    CredentialsRefused,
    NotDelivered,
    Rejected,
    SendError,
    Unreachable,
)

TOKEN_REFUSED = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED", "M_USER_SUSPENDED", "M_USER_LOCKED"})
LOG_IN_AGAIN = "log in again and put the new token into access_token"
EXPIRED = f"the homeserver logged this device out, its keys are kept: {LOG_IN_AGAIN}, with the same device_id"
DEACTIVATED = "the bot's account is deactivated, locked or suspended: another one is needed"
UNKNOWN = f"the homeserver does not know the access token: {LOG_IN_AGAIN}"
CODE = re.compile(r"[A-Z][A-Z0-9_.]{1,60}")


class MatrixError(Exception):
    """A call of the client API that did not work."""


class Unanswered(MatrixError):
    """There was no answer. `kind` is the class of what went wrong; `never_sent`: it proves that no request has left."""

    def __init__(self, kind: str, *, never_sent: bool) -> None:
        super().__init__(kind)
        self.kind = kind
        self.never_sent = never_sent


class Refused(MatrixError):
    """The answer is an error, or none that Matrix knows. `errcode` is empty where there is none, `retry_after` is in seconds."""

    def __init__(self, status: int, errcode: str = "", *, retry_after: float | None = None, soft_logout: bool = False) -> None:
        known = errcode if CODE.fullmatch(errcode) else ""
        super().__init__(f"HTTP status {status} {known}".rstrip())
        self.status = status
        self.errcode = known
        self.retry_after = retry_after
        self.soft_logout = soft_logout

    @property
    def limited(self) -> bool:
        """Whether it is a limit on how much may be asked."""
        return self.status == 429 or self.errcode == "M_LIMIT_EXCEEDED"

    @property
    def of_token(self) -> bool:
        """Whether it is the credentials that are refused, by the homeserver and not by something that stands before it."""
        return self.errcode in TOKEN_REFUSED or (self.status == 401 and bool(self.errcode))


def retry_after(headers: Mapping[str, str], milliseconds: object, now: datetime) -> float | None:
    """Seconds to wait: the `Retry-After` header (seconds or a date), else the older field of the body; None where neither says so."""
    text = headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError):
        return milliseconds / 1000 if isinstance(milliseconds, int) and milliseconds >= 0 else None


def send_error(error: MatrixError) -> SendError:
    """What a failed call means for the message."""
    if isinstance(error, Unanswered):
        return NotDelivered(error.kind) if error.never_sent else Ambiguous(error.kind)
    if not isinstance(error, Refused):
        return Ambiguous(type(error).__name__)
    if error.limited:
        return NotDelivered("too many requests", error.retry_after)
    if error.of_token:
        return Rejected("the homeserver refuses the access token")
    if 300 <= error.status < 500:
        if error.errcode == "M_FORBIDDEN":
            return Unreachable("the room does not let the bot write")
        # Without a code of Matrix's it is the word of something that stands before the homeserver and did not let the call through.
        return Rejected(f"refused: {error.errcode}") if error.errcode or error.status == 413 else NotDelivered(str(error))
    return Ambiguous(str(error))


def connection_error(error: MatrixError) -> ConnectorError:
    """What a failed sync, or a failed look at who the bot is, means for the connection."""
    if isinstance(error, Unanswered):
        return ConnectionLost(f"the homeserver cannot be reached ({error.kind})")
    if not isinstance(error, Refused):
        return ConnectionLost(type(error).__name__)
    if error.limited:
        return ConnectionLost("too many requests", error.retry_after)
    if error.of_token:
        if error.soft_logout:
            return CredentialsRefused(EXPIRED)
        return CredentialsRefused(DEACTIVATED if error.errcode.startswith("M_USER_") else UNKNOWN)
    return ConnectionLost(f"the homeserver does not answer properly ({error})")
