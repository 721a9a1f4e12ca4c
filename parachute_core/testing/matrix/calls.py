"""Plain calls of a homeserver's client and admin API, for the people in a test."""

import json
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import aiohttp

WITHIN = 30.0
"""Real seconds that a call may take, on top of what it asks the server to wait."""


class Refused(Exception):
    """The homeserver answers with an error. `errcode` as it says, or an empty text."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.errcode = str(body.get("errcode", ""))


class Calls:
    """Use it as an async context manager."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._session is not None:
            await self._session.close()

    async def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = None,
        query: Mapping[str, str] | None = None,
        kind: str = "application/json",
    ) -> dict[str, Any]:
        """Make a call; `body` goes as JSON unless it is bytes. Raises `Refused`."""
        if self._session is None:
            raise RuntimeError("the calls are not open")
        headers = {"Content-Type": kind, **({"Authorization": f"Bearer {token}"} if token else {})}
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        wait = int((query or {}).get("timeout", "0")) / 1000
        timeout = aiohttp.ClientTimeout(total=WITHIN + wait)
        async with self._session.request(method, self.url + path, params=query, data=data, headers=headers, timeout=timeout) as answer:
            decoded: dict[str, Any] = await answer.json()
            if answer.status >= 400:
                raise Refused(answer.status, decoded)
            return decoded
