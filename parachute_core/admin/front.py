"""What stands before the framework: the answers that are asked for all the time, and would cost several times as much behind it.

Only a request to which everything is as it should be is answered here. Whatever is not (a foreign host, another method, an unknown
sender) goes on to the app, whose checks and errors it gets: there is one place that refuses.
"""

import json
import logging
from collections.abc import Awaitable, Callable

from quart import Quart

from parachute_core.admin.asgi import HungUp, Receive, Scope, Send, TooLarge, answer, body, headers, reply, unless_hung_up, values
from parachute_core.admin.auth import METRICS, KeyCheck, given_key
from parachute_core.admin.body import BODY_WITHIN
from parachute_core.admin.errors import INTERNAL, TEXTS, ApiError, error_object
from parachute_core.admin.guard import Guard, parse_authority
from parachute_core.admin.health import ALIVE
from parachute_core.admin.metrics import Metrics
from parachute_core.admin.redaction import redact_json
from parachute_core.admin.services import AdminServices
from parachute_core.admin.status import STATUS, bots_status
from parachute_core.admin.webhook import LARGEST_DELIVERY, PATH, addressee
from parachute_core.model.errors import ConnectorError, ParachuteError

log = logging.getLogger(__name__)


class Front:
    """An ASGI application round another one."""

    def __init__(self, app: Quart, services: AdminServices, guard: Guard, check: KeyCheck, metrics: Metrics | None) -> None:
        self._app = app
        self._services = services
        self._guard = guard
        self._check = check
        self._read: dict[str, tuple[str, Callable[[], Awaitable[bytes]]]] = {STATUS: ("application/json", self._status)}
        """Answers to whoever has the key, each with its content type."""
        if metrics is not None:
            self._read[METRICS] = (metrics.kind, metrics.text)
        self._open = {"/healthz": ALIVE}
        """Answers that need no key and never differ."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the ASGI specification."""
        if scope["type"] == "http":
            path: str = scope["path"]
            if scope["method"] == "GET" and path in self._open and self._named_us(scope):
                await answer(send, 200, self._open[path])
                return
            if scope["method"] == "GET" and path in self._read and self._may_read(scope, path) and await self._shown(path, send):
                return
            if scope["method"] == "POST" and (found := PATH.fullmatch(path)) and await self._taken(found.group(1), scope, receive, send):
                return
        await self._app(scope, receive, send)  # type: ignore[arg-type]

    def _named_us(self, scope: Scope) -> bool:
        """A page that makes a browser ask learns nothing by it: what is open to a GET is open to every page."""
        named = values(scope, b"host")
        host = parse_authority(named[0]) if len(named) == 1 else None
        return host is not None and self._guard.answers_to(host)

    def _may_read(self, scope: Scope, path: str) -> bool:
        """A program with the right key. Whatever a browser sends along goes on to the app, which knows our own pages."""
        named = headers(scope)
        if "origin" in named or "sec-fetch-site" in named or not self._named_us(scope):
            return False
        given = given_key(named.get("x-api-key"), named.get("authorization"))
        return given is not None and self._check.opens(path, given)

    async def _shown(self, path: str, send: Send) -> bool:
        """False: it cannot be read now, and nothing was sent."""
        kind, read = self._read[path]
        try:
            text = await read()
        except ParachuteError:
            return False
        await reply(send, 200, text, kind, cache_control="no-store")
        return True

    async def _status(self) -> bytes:
        return redact_json(json.dumps(await bots_status(self._services)), self._services.redactor).encode()

    async def _taken(self, platform: str, scope: Scope, receive: Receive, send: Send) -> bool:
        """Whether a delivery was answered, well or badly; False before any of its body was read."""
        try:
            connector = addressee(self._services, platform, headers(scope))
        except ApiError:
            return False
        if any(not length.isdecimal() or int(length) > LARGEST_DELIVERY for length in values(scope, b"content-length")):
            return False
        try:
            content = await body(receive, LARGEST_DELIVERY, BODY_WITHIN, self._services.clock)
            await unless_hung_up(receive, connector.deliver(content))
        except HungUp:
            return True
        except TooLarge:
            await self._refuse(send, 413, TEXTS[413])
        except TimeoutError:
            await self._refuse(send, 408, TEXTS[408])
        except ConnectorError as error:
            await self._refuse(send, 503, str(error))
        except Exception as error:
            log.error("a delivery could not be taken", extra={"platform": platform, "error": type(error).__name__})
            log.debug("a delivery could not be taken", exc_info=error)
            await self._refuse(send, 500, INTERNAL)
        else:
            await answer(send, 200, {"success": True})
        return True

    async def _refuse(self, send: Send, status: int, text: str) -> None:
        await answer(send, status, error_object(self._services.redactor(text)))
