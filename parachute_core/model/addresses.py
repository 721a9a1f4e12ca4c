"""Addresses on the web."""

import re
from urllib.parse import urlsplit


def is_web_address(text: str) -> bool:
    """Whether a request can be made of it: http or https, a host, a port that exists if any, no blanks."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return usable and not re.search(r"\s", text)
