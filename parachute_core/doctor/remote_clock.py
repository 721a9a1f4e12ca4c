"""What time it is elsewhere."""

import asyncio
from datetime import datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from parachute_core.clock import Clock
from parachute_core.config.schema import DiscordSection, MatrixSection, PlatformSection, TelegramSection

PATIENCE = 10
"""Seconds that the answer may take."""


async def seconds_ahead(section: PlatformSection, clock: Clock) -> float | None:
    """How far the platform's clock is ahead of `clock`, to a second and the time of the answer's journey. None: it does not tell.

    The token is not sent.
    """
    url = _address(section)
    return None if url is None else await asyncio.to_thread(_measure, url, clock)


def _address(section: PlatformSection) -> str | None:
    match section:
        case TelegramSection():
            return section.base_url or "https://api.telegram.org/"
        case DiscordSection():
            return f"{section.rest_url or 'https://discord.com/api/v10'}/gateway"
        case MatrixSection() if section.homeserver_url:
            return f"{section.homeserver_url.rstrip('/')}/_matrix/client/versions"
    return None


def _measure(url: str, clock: Clock) -> float | None:
    try:
        with urlopen(Request(url, headers={"User-Agent": "parachute-core"}), timeout=PATIENCE) as answer:  # noqa: S310 - http(s), see `Url`
            headers = answer.headers
    except HTTPError as error:
        headers = error.headers
        error.close()
    except (OSError, HTTPException, ValueError):
        return None
    if headers.get("Age"):
        return None  # kept by somebody on the way, with its time
    try:
        told: datetime = parsedate_to_datetime(headers["Date"])
        return (told - clock.now()).total_seconds()
    except (TypeError, ValueError):
        return None
