"""Files that pages are made of, read once: they are small, and never change while the bot runs."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

from quart import Response, request

TYPES = {"html": "text/html", "css": "text/css", "js": "text/javascript"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of a page."""

    content: bytes
    mimetype: str
    etag: str

    @classmethod
    def read(cls, package: str, name: str) -> "Asset":
        """The file `name` of the package's static folder."""
        content = (files(package) / "static" / name).read_bytes()
        return cls(content, TYPES[name.rpartition(".")[2]], hashlib.sha256(content).hexdigest()[:32])

    async def answer(self, policy: str) -> Response:
        """The file as a response, under this Content-Security-Policy."""
        response = Response(self.content, mimetype=self.mimetype)
        response.set_etag(self.etag)
        # The browser may keep the file but asks each time, so that page and scripts are always of one version.
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Content-Security-Policy"] = policy
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Content-Type-Options"] = "nosniff"
        await response.make_conditional(request)
        return response
