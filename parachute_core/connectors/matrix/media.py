"""Spoken messages: fetched from the homeserver, and decrypted where they are encrypted."""

import json
from typing import Any
from urllib.parse import urlsplit

from nio.crypto.attachments import decrypt_attachment

from parachute_core.connectors.matrix.api import Api
from parachute_core.connectors.matrix.faults import MatrixError, connection_error
from parachute_core.model.errors import ConnectorError
from parachute_core.model.message import LARGEST_VOICE, Voice

ODD = "the message does not say properly where its file is"


async def fetch(api: Api, voice: Voice) -> bytes:
    """The file of a spoken message. Raises `ConnectorError`."""
    place = json.loads(voice.reference)
    encrypted = place.get("file")
    server, media = _place(encrypted["url"] if isinstance(encrypted, dict) and "url" in encrypted else place.get("url"))
    try:
        content = await api.download(server, media, LARGEST_VOICE)
    except MatrixError as error:
        raise connection_error(error) from error
    if content is None:
        raise ConnectorError(f"the file is larger than {LARGEST_VOICE} bytes")
    return _decrypted(content, encrypted) if encrypted is not None else content


def _place(url: object) -> tuple[str, str]:
    parts = urlsplit(url if isinstance(url, str) else "")
    if parts.scheme != "mxc" or not parts.netloc or not parts.path.strip("/"):
        raise ConnectorError(ODD)
    return parts.netloc, parts.path.strip("/")


def _decrypted(content: bytes, file: Any) -> bytes:
    try:
        plain: bytes = decrypt_attachment(content, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
    except Exception as error:
        raise ConnectorError(f"the file cannot be decrypted ({type(error).__name__})") from error
    return plain
