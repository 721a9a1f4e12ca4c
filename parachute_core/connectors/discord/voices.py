"""Spoken messages are fetched from where Discord keeps its files, and from nowhere else."""

from urllib.parse import urlsplit

import aiohttp
import hikari

from parachute_core.connectors.discord.calls import Calls
from parachute_core.connectors.discord.ids import snowflake
from parachute_core.model.errors import ConnectorError, SendError
from parachute_core.model.message import LARGEST_VOICE

HOSTS = frozenset({("https", "cdn.discordapp.com"), ("https", "media.discordapp.net")})
WITHIN = 60.0
"""Seconds for one file."""
PIECE = 64 * 1024


class Voices:
    """Looks up where a file is each time: its address is signed and expires."""

    def __init__(self, rest: hikari.api.RESTClient, calls: Calls, rest_url: str | None) -> None:
        self._rest = rest
        self._calls = calls
        self._hosts = HOSTS if rest_url is None else HOSTS | {_host(rest_url)}

    async def fetch(self, reference: str) -> bytes:
        """The file of a `Voice.reference`. Raises `ConnectorError`, which names no address."""
        address = await self._address(reference)
        if _host(address) not in self._hosts:
            raise ConnectorError("the file is not where Discord keeps its files")
        try:
            timeout = aiohttp.ClientTimeout(total=WITHIN)
            async with aiohttp.ClientSession(timeout=timeout) as session, session.get(address, allow_redirects=False) as answer:
                return await _content(answer)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise ConnectorError(f"the file could not be fetched ({type(error).__name__})") from None

    async def _address(self, reference: str) -> str:
        channel, message, attachment = reference.split("/")
        try:
            found = await self._calls.make(self._rest.fetch_message(snowflake(channel), snowflake(message)))
        except SendError as error:
            raise ConnectorError(str(error)) from error
        for one in found.attachments:
            if str(one.id) == attachment:
                return one.url
        raise ConnectorError("the message does not have the file any more")


async def _content(answer: aiohttp.ClientResponse) -> bytes:
    if answer.status != 200:
        raise ConnectorError(f"Discord answered {answer.status} for the file")
    content = bytearray()
    async for piece in answer.content.iter_chunked(PIECE):
        content += piece
        if len(content) > LARGEST_VOICE:
            raise ConnectorError(f"the file is larger than {LARGEST_VOICE} bytes")
    return bytes(content)


def _host(address: str) -> tuple[str, str]:
    """Scheme, and host with its port."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc
