"""Asks the admin API from within: the page shows and does nothing but what the API does, by the API's own routes.

A request goes the whole way (guard, key, limits, audit, redaction); only the socket is left out.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlencode

from quart import Quart

from parachute_core.admin.asgi import Event, Scope
from parachute_core.store.unbroken import unbroken

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API answered."""

    status: int
    json: dict[str, Any]

    @property
    def fine(self) -> bool:
        """Whether it was done; a test of credentials that failed is answered with 200."""
        return self.status < 400 and self.json.get("success") is not False

    @property
    def trouble(self) -> str:
        """What is wrong, in words; empty where it is fine."""
        return "" if self.fine else str(self.json.get("error") or f"the bot answered with {self.status}")


class Inside:
    """The admin API of this very app."""

    def __init__(self, app: Quart, key: str) -> None:
        self._app = app
        self._key = key

    def has(self, method: str, path: str) -> bool:
        """Whether there is such a route; `path` as it is written in the rule."""
        return any(rule.rule == path and method in (rule.methods or ()) for rule in self._app.url_map.iter_rules())

    async def ask(self, method: str, path: str, body: object = None, query: Mapping[str, Any] = NOTHING) -> Answer:
        """Ask, with what of `query` is not None. `path` is decoded already. What was asked is done to its end, also when cancelled."""
        sent = b"" if body is None else json.dumps(body).encode()
        given = {name: value for name, value in query.items() if value is not None}
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": quote(path).encode(),
            "query_string": urlencode(given).encode(),
            "root_path": "",
            "headers": [
                (b"host", b"localhost"),
                (b"x-api-key", self._key.encode()),
                (b"content-type", b"application/json"),
                (b"content-length", str(len(sent)).encode()),
            ],
            "client": None,
            "server": None,
            "extensions": {},
        }
        told: list[Event] = []
        waiting: list[Event] = [{"type": "http.request", "body": sent, "more_body": False}]

        async def receive() -> Event:
            if not waiting:
                await asyncio.get_running_loop().create_future()  # this client stays until it has its answer
            return waiting.pop()

        async def send(event: Event) -> None:
            told.append(event)

        await unbroken(self._app(scope, receive, send))  # type: ignore[arg-type]
        return _answer(told)


class Reading:
    """The admin API as one page reads it: what has no query is asked once, whoever needs it."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._known: dict[str, Answer] = {}

    async def get(self, path: str, query: Mapping[str, Any] = NOTHING) -> Answer:
        """See `Inside.ask`."""
        if query:
            return await self._inside.ask("GET", path, query=query)
        if path not in self._known:
            self._known[path] = await self._inside.ask("GET", path)
        return self._known[path]


def _answer(told: list[Event]) -> Answer:
    status = next((one["status"] for one in told if one["type"] == "http.response.start"), 500)
    content = b"".join(one.get("body", b"") for one in told if one["type"] == "http.response.body")
    try:
        read = json.loads(content)
    except ValueError:
        read = {}
    return Answer(int(status), read if isinstance(read, dict) else {})
