"""The library, set up so that every call is one HTTP request. Everything untyped ends in this file and in `api.py`."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import nio
from nio.crypto import ENCRYPTION_ENABLED

from parachute_core.connectors.matrix.faults import MatrixError, Refused, Unanswered, retry_after

ENCRYPTION_INSTALLED: bool = ENCRYPTION_ENABLED
"""Whether the extra `matrix-e2e` is installed."""
CONNECTIONS = 64
"""Most calls under way at once; more wait."""
LOG_LEVELS: Mapping[str, int] = {
    "aiohttp": logging.WARNING,
    "markdown_it": logging.WARNING,
    "nio": logging.CRITICAL,
    "peewee": logging.WARNING,
}
"""Below these the libraries write whole events, addresses and keys, or a line for each step that they take."""
OF_KEYS = re.compile(r"/sendToDevice/m\.room\.encrypted/|/keys/claim")
"""Calls that bring the keys of a room to its members."""
NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError)
"""Errors that prove that no request has left."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds of real time that the parts of a call may take."""

    connect: float = 10.0
    call: float = 30.0
    poll: float = 30.0
    """How long the homeserver holds a sync that has nothing to tell."""
    slack: float = 30.0
    """What a sync may take on top of `poll`; the first one brings the state of every room."""
    file: float = 110.0


class Client(nio.AsyncClient):  # type: ignore[misc]  # the library has no types
    """The library's client with connections and time limits of our own."""

    def __init__(self, url: str, user_id: str, device_id: str, timeouts: Timeouts, store: Path | None, store_key: str) -> None:
        """`store`: where keys are kept, encrypted with `store_key`; None: without encryption."""
        encrypted: dict[str, Any] = {"encryption_enabled": True, "pickle_key": store_key}
        options: dict[str, Any] = {"encryption_enabled": False, "store": None} if store is None else encrypted
        config = nio.AsyncClientConfig(max_limit_exceeded=0, max_timeouts=0, request_timeout=timeouts.call, **options)
        super().__init__(url, user_id, device_id=device_id, store_path=str(store or ""), config=config)
        self.timeouts = timeouts
        self.keys_not_shared = 0
        """How often keys for a room could not be brought to its members; the library itself does not notice."""

    async def send(
        self,
        method: str,
        path: str,
        data: Any = None,
        headers: dict[str, str] | None = None,
        trace_context: object = None,  # noqa: ARG002 - the library's signature
        timeout: float | None = None,  # noqa: ARG002, ASYNC109 - as above
    ) -> aiohttp.ClientResponse:
        """See `AsyncClient.send`: on the session that was opened, and never without a limit of time."""
        session: aiohttp.ClientSession | None = self.client_session
        if session is None:
            raise Unanswered("not connected", never_sent=True)
        try:
            answer = await session.request(method, self.homeserver + path, data=data, headers=headers, timeout=self._limits(path))
        except Exception:
            self.keys_not_shared += OF_KEYS.search(path) is not None
            raise
        self.keys_not_shared += answer.status >= 300 and OF_KEYS.search(path) is not None
        return answer

    def _limits(self, path: str) -> aiohttp.ClientTimeout:
        bare = path.partition("?")[0]
        times = self.timeouts
        total = times.poll + times.slack if bare.endswith("/sync") else times.file if "/media/download/" in bare else times.call
        return aiohttp.ClientTimeout(total=total, sock_connect=times.connect)


def open_session() -> aiohttp.ClientSession:
    """Connections to a homeserver. The environment's HTTP proxies are not used."""
    for name, level in LOG_LEVELS.items():
        library = logging.getLogger(name)
        if library.level == logging.NOTSET:  # a level that somebody chose stands
            library.setLevel(level)
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS), cookie_jar=aiohttp.DummyCookieJar())
    session._retry_connection = False  # it has no public switch; only the core repeats calls
    return session


def failure(error: Exception) -> MatrixError:
    """What an exception of the library's tells. Only the class: texts may hold addresses and contents."""
    return error if isinstance(error, MatrixError) else Unanswered(type(error).__name__, never_sent=isinstance(error, NEVER_SENT))


def refusal(answer: Any, now: datetime) -> Refused:
    """What an error object of the library's tells."""
    response: aiohttp.ClientResponse | None = getattr(answer, "transport_response", None)
    wait = retry_after(response.headers if response is not None else {}, getattr(answer, "retry_after_ms", None), now)
    return Refused(
        response.status if response is not None else 0,
        str(getattr(answer, "status_code", None) or ""),
        retry_after=wait,
        soft_logout=getattr(answer, "soft_logout", False) is True,
    )
