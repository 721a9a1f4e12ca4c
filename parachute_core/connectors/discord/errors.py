"""What the library raises, as the core's errors. Their texts hold statuses and codes alone, never content, tokens or addresses."""

import json
from typing import Any

import aiohttp
import hikari

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

PASSING_CODES = frozenset({20016, 20028, 20029, 30046, 40003, 40062})
"""Discord's codes of refusals that pass: slow mode, write and edit limits, rate limits."""
UNKNOWN_CHANNEL = 10003
NEVER_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)

PORTAL = "in Discord's developer portal, on the application's page Bot"
CLOSE_CODES = {
    4004: "Discord refuses the bot token",
    4010: "Discord refuses the connection: invalid shard",
    4011: "Discord refuses the connection: the bot is in so many servers that sharding is required",
    4012: "Discord refuses the connection: it does not support this version of the gateway any more; update hikari",
    4013: "Discord refuses the connection: invalid intents; update hikari",
    4014: "Discord refuses the connection: the bot lacks a privileged intent. Switch on Message Content Intent "
    f"{PORTAL}, below Privileged Gateway Intents, then start the connector again",
}
"""Close codes after which connecting again is pointless."""


class RateLimited(Exception):
    """Discord refused a request for now (429). `retry_after`: seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__("rate limited")
        self.retry_after = retry_after


def loads(raw: str | bytes) -> Any:
    """Decode what Discord sends. Raises `RateLimited` for the body of a 429, which the library would wait out and repeat by itself."""
    value = json.loads(raw)
    if isinstance(value, dict) and "retry_after" in value and "message" in value:
        raise RateLimited(float(value["retry_after"]))
    return value


def send_error(error: Exception) -> SendError:
    """What a failed REST call means for the message."""
    match error:
        case RateLimited() | hikari.RateLimitTooLongError():
            return NotDelivered("Discord's rate limit", max(0.0, error.retry_after))
        case hikari.InternalServerError():
            return Ambiguous(_status(error))
        case hikari.HTTPResponseError():
            return _refused(error)
        case hikari.HTTPError() if isinstance(error.__cause__, NEVER_CONNECTED):
            return NotDelivered("no connection to Discord")
        case hikari.ComponentStateConflictError():
            return NotDelivered("not connected")
        case ValueError():
            return Ambiguous("Discord's answer could not be read")
        case _:
            return Ambiguous(f"the connection broke ({type(error.__cause__ or error).__name__})")


def is_refusal(error: Exception) -> bool:
    """Whether Discord counts the request as an invalid one (401, 403, 429)."""
    return isinstance(error, RateLimited) or (isinstance(error, hikari.HTTPResponseError) and error.status in (401, 403, 429))


def connection_error(error: Exception) -> ConnectorError:
    """Why the gateway, or the test of the credentials, failed."""
    match error:
        case ConnectorError():
            return error
        case hikari.UnauthorizedError():
            return CredentialsRefused(CLOSE_CODES[4004])
        case hikari.GatewayServerClosedConnectionError():
            code = int(error.code or 0)
            if code in CLOSE_CODES:
                return CredentialsRefused(CLOSE_CODES[code])
            return ConnectionLost(f"Discord closed the connection ({code})")
        case RateLimited() | hikari.RateLimitTooLongError():
            return ConnectionLost("Discord's rate limit", error.retry_after)
        case hikari.HTTPResponseError():
            return ConnectionLost(_status(error), _retry_after(error))
        case hikari.HTTPError() | hikari.GatewayError():
            return ConnectionLost(f"no connection to Discord ({type(error.__cause__ or error).__name__})")
        case TimeoutError():
            return ConnectionLost("Discord did not answer in time")
        case RuntimeError() if "sessions" in str(error):
            return ConnectionLost("Discord allows no further session today", 600.0)
        case _:
            return ConnectionLost(f"the connection failed ({type(error).__name__})")


def _refused(error: hikari.HTTPResponseError) -> SendError:
    if error.status == 429:
        return NotDelivered(_status(error), _retry_after(error))
    if error.code in PASSING_CODES:
        return NotDelivered(_status(error), _retry_after(error))
    if error.status == 408:
        return Ambiguous(_status(error))
    if error.status == 403 or error.code == UNKNOWN_CHANNEL:
        return Unreachable(_status(error))
    return Rejected(_status(error))


def _status(error: hikari.HTTPResponseError) -> str:
    code = f", code {error.code}" if error.code else ""
    return f"Discord answered {int(error.status)}{code}"


def _retry_after(error: hikari.HTTPResponseError) -> float | None:
    """Seconds, from the body or the header; None when neither names them."""
    try:
        return float(json.loads(error.raw_body)["retry_after"])
    except (ValueError, KeyError, TypeError):
        pass
    try:
        return float(error.headers["Retry-After"])
    except (ValueError, KeyError, TypeError):
        return None
