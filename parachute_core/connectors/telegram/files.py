"""Files that people sent, fetched into memory within bounds."""

import httpx
from telegram.error import BadRequest, TelegramError

from parachute_core.connectors.telegram.api import PollingBot, Timeouts
from parachute_core.connectors.telegram.faults import connection_error
from parachute_core.model.errors import ConnectorError
from parachute_core.model.message import LARGEST_VOICE

AS_IT_IS = {"Accept-Encoding": "identity"}
"""What is counted is what is kept; a compressed file could be anything."""
TOO_LARGE = f"the file is larger than {LARGEST_VOICE} bytes"


async def download(bot: PollingBot, file_id: str, timeouts: Timeouts) -> bytes:
    """The file, of at most `LARGEST_VOICE` bytes. Raises `ConnectorError`, whose text holds no address: the token is part of it."""
    try:
        found = await bot.get_file(file_id)
    except BadRequest:
        raise ConnectorError("Telegram does not give the file out") from None
    except TelegramError as error:
        raise connection_error(error) from None
    if (found.file_size or 0) > LARGEST_VOICE:
        raise ConnectorError(TOO_LARGE)
    address = found.file_path or ""
    if not address.startswith(bot.base_file_url + "/"):
        raise ConnectorError("the Bot API names no address for the file")
    return await _read(address, timeouts)


async def _read(address: str, timeouts: Timeouts) -> bytes:
    patience = httpx.Timeout(connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.pool)
    content = bytearray()
    try:
        async with httpx.AsyncClient(timeout=patience) as client, client.stream("GET", address, headers=AS_IT_IS) as answer:
            if answer.status_code != httpx.codes.OK:
                raise ConnectorError(f"the file is not given out: HTTP status {answer.status_code}")
            async for chunk in answer.aiter_raw():
                content += chunk
                if len(content) > LARGEST_VOICE:
                    raise ConnectorError(TOO_LARGE)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ConnectorError(f"the file could not be read: {type(error).__name__}") from None
    return bytes(content)
