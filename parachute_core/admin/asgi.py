"""Requests and answers as the server speaks of them, for the few routes that are asked too often for a framework."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any

from parachute_core.admin.headers import ALWAYS, FRAMES
from parachute_core.clock import Clock, next_turn, within

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

STANDING = tuple((name.lower().encode(), value.encode()) for name, value in {**ALWAYS, "Content-Security-Policy": FRAMES}.items())
"""What stands in every answer, as in those of the rest of the API."""


class HungUp(Exception):
    """The client has gone."""


class TooLarge(Exception):
    """The body is larger than the route takes."""


def values(scope: Scope, name: bytes) -> Sequence[str]:
    """Every value of a header; `name` in lower case."""
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]


def headers(scope: Scope) -> Mapping[str, str]:
    """The headers by name; of one that came twice, the last."""
    return {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}


async def body(receive: Receive, most: int, seconds: float, clock: Clock) -> bytes:
    """The whole body. Raises `TooLarge`, `HungUp`, or `TimeoutError` when it is not there after `seconds`."""
    return await within(clock, seconds, _whole(receive, most))


async def _whole(receive: Receive, most: int) -> bytes:
    got, more = b"", True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise HungUp
        got += event.get("body", b"")
        if len(got) > most:
            raise TooLarge
        more = event.get("more_body", False)
    return got


async def unless_hung_up(receive: Receive, work: Awaitable[None]) -> None:
    """Await `work`; cancel it when the client goes meanwhile, and raise `HungUp`."""
    working = asyncio.ensure_future(work)
    parts: set[asyncio.Future[Any]] = {working}
    try:
        await next_turn()
        if not working.done():
            parts.add(asyncio.ensure_future(receive()))
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise HungUp
        working.result()
    finally:
        for one in parts:
            one.cancel()
        if len(parts) > 1 or not working.done():
            await asyncio.gather(*parts, return_exceptions=True)


async def answer(send: Send, status: int, content: object) -> None:
    """Answer with a JSON object."""
    await reply(send, status, json.dumps(content).encode(), "application/json")


async def reply(send: Send, status: int, content: bytes, kind: str, **more: str) -> None:
    """Answer with a body of this content type, and more headers (`_` in a name stands for `-`)."""
    named = {"content-type": kind, "content-length": str(len(content)), **{name.replace("_", "-"): value for name, value in more.items()}}
    own = [(name.encode(), value.encode()) for name, value in named.items()]
    await send({"type": "http.response.start", "status": status, "headers": [*own, *STANDING]})
    await send({"type": "http.response.body", "body": content})
