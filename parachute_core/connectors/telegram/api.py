"""The library, set up so that every call is one HTTP request and every failure says what is known about it."""

import json
import logging
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from telegram import Bot
from telegram.error import NetworkError
from telegram.request import HTTPXRequest

from parachute_core.config.schema import TelegramSection

OFFICIAL = "https://api.telegram.org/bot"
OFFICIAL_FILES = "https://api.telegram.org/file/bot"
CONNECTIONS = 64
"""Most calls under way at once; more wait for as long as `Timeouts.pool`."""
WANTED = ("message", "callback_query")
"""The kinds of updates that the bot uses."""
LIBRARIES = ("httpcore", "httpx", "telegram")
"""Loggers that write the token, which is part of every URL, or whole messages below WARNING."""
TOKEN = re.compile(r"[^\s?#\x00-\x20\x7f-\U0010ffff]+")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds of real time that the parts of a call may take."""

    connect: float = 10.0
    read: float = 20.0
    """Silence of the server; for a poll on top of `poll`."""
    write: float = 10.0
    pool: float = 5.0
    """Waiting for a free connection."""
    poll: int = 25
    """How long the server holds a poll that has nothing to tell."""


class FloodControl(NetworkError):
    """Too many requests: nothing was done. `retry_after`: seconds to wait as the platform said, or None."""

    def __init__(self, retry_after: float | None) -> None:
        super().__init__("too many requests")
        self.retry_after = retry_after


class NoAnswer(NetworkError):
    """The HTTP answer is an outage's, or was made by something that is not the Bot API. `status`: its HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP status {status}")
        self.status = status


class Request(HTTPXRequest):
    """Reads what the library would lose or guess at: a 429 without a time, outages, answers of proxies and captive portals."""

    async def do_request(self, *args: Any, **options: Any) -> tuple[int, bytes]:
        """See `BaseRequest.do_request`. Raises `FloodControl` and `NoAnswer` besides."""
        status, payload = await super().do_request(*args, **options)
        answer = _object(payload)
        if 200 <= status <= 299 and "result" in answer:
            return status, _without_quotations(answer, payload)
        parameters = answer.get("parameters")
        wait = parameters.get("retry_after") if isinstance(parameters, dict) else None
        if status == 429 or wait:
            raise FloodControl(float(wait) if isinstance(wait, int | float) else None)
        if status < 300 or status >= 500 or "ok" not in answer:
            raise NoAnswer(status)
        return status, payload


class PollingBot(Bot):
    """The library's bot, with a poll that hands over the updates unparsed, so that one broken update does not cost the others."""

    __slots__ = ()

    async def poll(self, offset: int | None, seconds: int, read_timeout: float) -> list[Any]:
        """Ask for the updates from `offset` on (None: those that are not confirmed), waiting up to `seconds` for the first."""
        asked = {"offset": offset, "timeout": seconds, "allowed_updates": WANTED}
        answer = await self._post("getUpdates", asked, read_timeout=seconds + read_timeout)
        if not isinstance(answer, list):
            raise NoAnswer(200)
        return answer


@asynccontextmanager
async def open_bot_api(settings: TelegramSection, timeouts: Timeouts) -> AsyncIterator[PollingBot]:
    """The bot's connections to the Bot API, closed at the end of the block. Nothing is asked yet."""
    for name in LIBRARIES:
        library = logging.getLogger(name)
        if library.level == logging.NOTSET:  # a level that somebody chose stands
            library.setLevel(logging.WARNING)
    polls, calls = _request(timeouts, 1), _request(timeouts, CONNECTIONS)
    try:
        yield PollingBot(
            settings.bot_token,
            base_url=_base(settings.base_url, OFFICIAL, "/bot"),
            base_file_url=_base(settings.base_file_url, OFFICIAL_FILES, "/file/bot"),
            request=calls,
            get_updates_request=polls,
        )
    finally:
        await polls.shutdown()
        await calls.shutdown()


def usable(token: str) -> bool:
    """Whether a token can be part of an address at all."""
    return TOKEN.fullmatch(token) is not None


@cache
def _certificates() -> ssl.SSLContext:
    """Those that connections are checked by, read once: it takes some 25 ms, in which nothing else happens."""
    return httpx.create_ssl_context()


def _request(timeouts: Timeouts, connections: int) -> Request:
    return Request(
        connection_pool_size=connections,
        connect_timeout=timeouts.connect,
        read_timeout=timeouts.read,
        write_timeout=timeouts.write,
        pool_timeout=timeouts.pool,
        httpx_kwargs={"verify": _certificates()},
    )


def _base(configured: str | None, official: str, path: str) -> str:
    """Where the token is put behind; an address that names only the server gets the usual path."""
    if not configured:
        return official
    bare = configured.rstrip("/")
    return bare if urlsplit(bare).path else bare + path


def _without_quotations(answer: dict[str, Any], payload: bytes) -> bytes:
    """A sent message comes back with what it replies to, of whatever kind; one that the library cannot read must not pass for a failure."""
    sent = answer["result"]
    if not isinstance(sent, dict) or "message_id" not in sent:
        return payload
    return json.dumps({"ok": True, "result": {key: sent[key] for key in ("message_id", "date", "chat") if key in sent}}).encode()


def _object(payload: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(payload)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
