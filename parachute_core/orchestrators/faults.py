"""What the failures of HTTP services mean for the turn."""

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime

from parachute_core.model.errors import OrchestratorError, OrchestratorFault

LONGEST_TEXT = 300
"""Characters of what a service says of a failure that are kept."""
STATUS_OF = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "invalid_api_key": 401,
    "billing_error": 402,
    "insufficient_quota": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "model_not_found": 404,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "api_error": 500,
    "server_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""The status that belongs to an error's name: in the middle of a stream there is nothing but the name."""
OWNERS = frozenset({400, 401, 402, 403, 404, 405, 413, 422})
"""Statuses that come again and again until the owner mends something."""
OVERLOAD = frozenset({429, 503, 529})
PASSING = frozenset({408, 409, 425, 500, 502, 504})
"""Statuses of trouble that may be over in a moment."""


def refusal_of(status: int, names: Iterable[object], text: str, retry_after: float | None) -> OrchestratorError:
    """The service answered with an error: `status` (below 400 in the middle of a stream), its names for it, and what it says of it.

    Names are taken as they came: they may be anything that JSON can be.
    """
    named = next((STATUS_OF[name] for name in map(str, names) if name in STATUS_OF), status)
    # An account without credit comes as one request too many.
    status = named if status < 400 or named in OWNERS else status
    told = " ".join(text.split())[:LONGEST_TEXT]
    if status in OVERLOAD:
        return OrchestratorError(OrchestratorFault.OVERLOADED, f"{status}: {told}", retryable=True, retry_after=retry_after)
    if status in PASSING:
        return OrchestratorError(OrchestratorFault.UNAVAILABLE, f"{status}: {told}", retryable=True, retry_after=retry_after)
    kind = OrchestratorFault.MISCONFIGURED if status in OWNERS else OrchestratorFault.INTERNAL
    return OrchestratorError(kind, f"{status}: {told}")


def retry_after_of(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait as the headers say, in either form; None where they say nothing that makes sense."""
    value = headers.get("retry-after", "")
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(value) - now).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
