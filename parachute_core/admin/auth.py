"""Who may call the admin API: whoever has the key, and nobody else, on any address."""

import hashlib
import hmac
import logging

from quart import Quart, Request, Response, Websocket, request, websocket

from parachute_core.admin.errors import error_response
from parachute_core.admin.services import AdminServices
from parachute_core.clock import Clock
from parachute_core.engine.register import acts
from parachute_core.model.decision import OWNER

PROTECTED = "/api"
QUIET = 10.0
"""Seconds between two log lines about wrong keys."""

log = logging.getLogger(__name__)


def install_auth(app: Quart, services: AdminServices) -> None:
    """Ask for the key on every request and WebSocket below `/api`, whether or not there is such a route."""
    check = KeyCheck(services.key, services.clock)

    @app.before_request
    async def ask_request() -> Response | None:
        return check(request)

    @app.before_websocket
    async def ask_websocket() -> Response | None:
        return check(websocket)


class KeyCheck:
    """Compares the key of a request with ours in constant time."""

    def __init__(self, key: str, clock: Clock) -> None:
        self._digest = _digest(key.encode())
        self._clock = clock
        self._refused = 0
        self._logged_at: float | None = None

    def __call__(self, incoming: Request | Websocket) -> Response | None:
        """None: go on; else the refusal."""
        if not is_protected(incoming.path):
            return None
        given = given_key(incoming)
        if given is not None and hmac.compare_digest(_digest(given), self._digest):
            acts(OWNER)
            return None
        if given is not None:
            self._log_wrong_key(incoming.remote_addr)
        return error_response(
            401,
            "Unauthorized",
            {"WWW-Authenticate": 'Bearer realm="parachute-core"'},
            message="send the admin key as X-API-Key, or as Authorization: Bearer",
        )

    def _log_wrong_key(self, address: str | None) -> None:
        """One line in `QUIET` seconds, with how many came since the last; a guesser must not fill the disk."""
        self._refused += 1
        now = self._clock.monotonic()
        if self._logged_at is None or now - self._logged_at >= QUIET:
            log.warning("wrong admin key", extra={"address": address, "count": self._refused})
            self._logged_at, self._refused = now, 0


def is_protected(path: str) -> bool:
    """Whether the path is the API's."""
    return path == PROTECTED or path.startswith(PROTECTED + "/")


def given_key(incoming: Request | Websocket) -> bytes | None:
    """The key that came along: `X-API-Key`, or else the bearer token; None without either."""
    key = incoming.headers.get("X-API-Key")
    if key is None:
        scheme, _, token = incoming.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            return None
        key = token
    try:
        return key.strip().encode("latin-1")  # the bytes as they were sent
    except UnicodeEncodeError:
        return key.strip().encode("utf-8", "surrogatepass")


def _digest(key: bytes) -> bytes:
    """Of equal length for every key, so that the comparison tells nothing about ours."""
    return hashlib.sha256(key).digest()
