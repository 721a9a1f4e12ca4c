"""What the routes take, read strictly, and what they answer when something is wrong."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from parachute_core import Stopped, TrustLevel

Reply = tuple[Mapping[str, Any], int]

LONGEST_ID = 512
"""Characters of a user's id."""
YEAR = 365 * 86_400
LONGEST_GRANT = 10 * YEAR
"""Seconds for which access can be given; without an end it is given by leaving the end out."""
SHORTEST_INVITE, LONGEST_INVITE = 60, YEAR
INVITE_LASTS = 7 * 86_400
"""Seconds for which an invitation is good when nothing else is said."""


class BadBody(ValueError):
    """The body or query of a request is not what the route takes; the text says what it takes."""


def problem(status: int, text: str) -> Reply:
    """An error as every route of the admin API answers it."""
    return {"success": False, "error": text, "detail": text}, status


def stopped_json(stopped: Stopped) -> Mapping[str, int]:
    """What ending somebody's access stopped, as clients read it."""
    return {"turns": stopped.turns, "replies": stopped.replies}


def fields_of(body: str | bytes) -> dict[str, Any]:
    """The JSON object of a body; empty where there is no body. The declared content type is not asked. Raises `BadBody`."""
    if not body.strip():
        return {}
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise BadBody("the body is not JSON") from None
    if not isinstance(fields, dict):
        raise BadBody("the body is not a JSON object")
    return fields


def trust_level(fields: Mapping[str, Any]) -> TrustLevel:
    """The level that is asked for; none named: sandboxed. Raises `BadBody`."""
    level = fields.get("trust_level")
    if level is None:
        return TrustLevel.SANDBOXED
    try:
        return TrustLevel(level)
    except ValueError:
        raise BadBody(f"trust_level: expected {' or '.join(TrustLevel)}") from None


def grant_end(fields: Mapping[str, Any], now: datetime) -> datetime | None:
    """When the access that is given ends, by `expires_in` (seconds) or `until`; None: never. Raises `BadBody`."""
    expires_in, until = fields.get("expires_in"), fields.get("until")
    if expires_in is None and until is None:
        return None
    if expires_in is not None and until is not None:
        raise BadBody("expires_in and until: give one of them")
    if until is None:
        return now + timedelta(seconds=_seconds("expires_in", expires_in, 1, LONGEST_GRANT))
    try:
        end = datetime.fromisoformat(until)
        if end.utcoffset() is None:
            raise ValueError
        end = end.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise BadBody("until: expected a moment with its offset, like 2027-01-31T18:00:00+00:00") from None
    if not now < end <= now + timedelta(seconds=LONGEST_GRANT):
        raise BadBody(f"until: expected a moment to come, at most ten years from now ({now.isoformat(timespec='seconds')})")
    return end


def invite_seconds(fields: Mapping[str, Any]) -> float:
    """For how long an invitation is to be good. Raises `BadBody`."""
    wanted = fields.get("expires_in")
    return INVITE_LASTS if wanted is None else _seconds("expires_in", wanted, SHORTEST_INVITE, LONGEST_INVITE)


def sane_id(user_id: str) -> str:
    """A user's id that a platform could have given. Raises `BadBody`."""
    if len(user_id) > LONGEST_ID or not user_id.isprintable():
        raise BadBody(f"the user's id: expected printable text of at most {LONGEST_ID} characters")
    return user_id


def _seconds(name: str, value: object, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise BadBody(f"{name}: expected seconds, from {least} to {most}")
    return value
