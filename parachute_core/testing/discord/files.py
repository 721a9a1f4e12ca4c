"""Files that people attached: given out at signed addresses that expire (developer documentation, Signed Attachment CDN URLs)."""

import secrets

from parachute_core.testing.discord.payloads import Payload
from parachute_core.testing.http import Answer, JsonServer, Request

PATH = "/attachments/{attachment}/{name}"
GONE: Answer = (404, {}, "This content is no longer available.")


class Files:
    """What was attached, by id."""

    def __init__(self, server: JsonServer) -> None:
        self.elsewhere: str | None = None
        """Where addresses lead to instead of the fake itself, as far as the path: scheme, host and port."""
        self._signature = secrets.token_hex(8)
        self._contents: dict[str, bytes] = {}
        self._server = server
        server.route("GET", PATH, self._give)

    def put(self, attachment_id: str, content: bytes) -> None:
        """Keep a file."""
        self._contents[attachment_id] = content

    def expire(self) -> None:
        """No address that was given out so far is good any more."""
        self._signature = secrets.token_hex(8)

    def signed(self, attachment: Payload) -> Payload:
        """An attachment with an address that is good now."""
        where = self.elsewhere or self._server.url
        address = f"{where}/attachments/{attachment['id']}/{attachment['filename']}?hm={self._signature}"
        return {**attachment, "url": address, "proxy_url": address}

    async def _give(self, request: Request) -> Answer:
        content = self._contents.get(request.params["attachment"])
        if content is None or request.query.get("hm") != self._signature:
            return GONE
        return 200, {}, content
