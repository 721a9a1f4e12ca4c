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
METRICS = "/metrics"
QUIET = 10.0
"""Seconds between two log lines about wrong keys."""

log = logging.getLogger(__name__)


def install_auth(app: Quart, check: "KeyCheck") -> None:
    """Ask for the key on every request and WebSocket below `/api`, whether or not there is such a route, and at `/metrics`."""

    @app.before_request
    async def ask_request() -> Response | None:
        return check(request)

    @app.before_websocket
    async def ask_websocket() -> Response | None:
        return check(websocket)


def make_check(services: AdminServices) -> "KeyCheck":
    """The check of a bot's server."""
    return KeyCheck(services.key, services.config.current.config.admin.metrics_key, services.clock)


class KeyCheck:
    """Compares the key of a request with ours in constant time."""

    def __init__(self, key: str, metrics_key: str | None, clock: Clock) -> None:
        """`metrics_key` opens `/metrics` alone."""
        self._digest = _digest(key.encode())
        self._metrics_digest = _digest(metrics_key.encode()) if metrics_key else None
        self._clock = clock
        self._refused = 0
        self._logged_at: float | None = None

    def __call__(self, incoming: Request | Websocket) -> Response | None:
        """None: go on; else the refusal."""
        if not is_protected(incoming.path):
            return None
        given = given_key(incoming.headers.get("X-API-Key"), incoming.headers.get("Authorization"))
        if given is not None and self.opens(incoming.path, given):
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

    def opens(self, path: str, given: bytes) -> bool:
        """Whether this key opens the path."""
        digest = _digest(given)
        ours = hmac.compare_digest(digest, self._digest)
        meters = self._metrics_digest is not None and hmac.compare_digest(digest, self._metrics_digest)
        return ours or (meters and path == METRICS)

    def _log_wrong_key(self, address: str | None) -> None:
        """One line in `QUIET` seconds, with how many came since the last; a guesser must not fill the disk."""
        self._refused += 1
        now = self._clock.monotonic()
        if self._logged_at is None or now - self._logged_at >= QUIET:
            log.warning("wrong admin key", extra={"address": address, "count": self._refused})
            self._logged_at, self._refused = now, 0


def is_protected(path: str) -> bool:
    """Whether the path is the API's, or that of the metrics."""
    return path in (PROTECTED, METRICS) or path.startswith(PROTECTED + "/")


def given_key(api_key: str | None, authorization: str | None) -> bytes | None:
    """The key that came along: the header `X-API-Key`, or else a bearer token in `Authorization`; None without either."""
    key = api_key
    if key is None:
        scheme, _, key = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            return None
    try:
        return key.strip().encode("latin-1")  # the bytes as they were sent
    except UnicodeEncodeError:
        return key.strip().encode("utf-8", "surrogatepass")


def _digest(key: bytes) -> bytes:
    """Of equal length for every key, so that the comparison tells nothing about ours."""
    return hashlib.sha256(key).digest()
