"""The web chat's page and its WebSocket. What is said there is the connector's business; this only carries it."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

from quart import Blueprint, Quart, Response, abort, request, websocket
from quart.blueprints import BlueprintSetupState

from parachute_core.admin.chat_socket import QuartSocket, SteadyConnection
from parachute_core.connectors.base import Connector
from parachute_core.connectors.webchat import SWITCHED_OFF, WebChat, turn_away

HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]+", re.ASCII)
"""What may stand in a header of ours as the host that the page was asked from."""
SCRIPTS = ("chat.js", "chat-connection.js", "chat-memory.js", "chat-text.js", "chat-view.js")
STYLES = ("chat-theme.css", "chat.css")
PARTS = dict.fromkeys(STYLES, "text/css") | dict.fromkeys(SCRIPTS, "text/javascript")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src {connect}; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file of the page, read once: it is small, and never changes while the bot runs."""

    content: bytes
    mimetype: str
    etag: str

    @classmethod
    def read(cls, name: str, mimetype: str) -> "Asset":
        """The file `name` of the package's static folder."""
        content = (files("parachute_core.admin") / "static" / name).read_bytes()
        return cls(content, mimetype, hashlib.sha256(content).hexdigest()[:32])


def chat_blueprint(live: Callable[[], Connector | None]) -> Blueprint:
    """The page at `/chat`, its files, and the WebSocket at `/chat/socket`.

    `live` gives the running web chat at each visit; None while it is stopped or switched off: the page says so and tries again later.
    Host and Origin must have been checked before, for the WebSocket too.
    """
    blueprint = Blueprint("chat", __name__)
    page = Asset.read("chat.html", "text/html")
    parts = {name: Asset.read(name, mimetype) for name, mimetype in PARTS.items()}

    @blueprint.record_once
    def steady(state: BlueprintSetupState) -> None:
        if isinstance(state.app, Quart):
            state.app.asgi_websocket_class = SteadyConnection

    @blueprint.get("/chat")
    async def show_page() -> Response:
        return await _answer(page)

    @blueprint.get("/chat/<name>")
    async def show_part(name: str) -> Response:
        if name not in parts:
            abort(404)
        return await _answer(parts[name])

    @blueprint.websocket("/chat/socket")
    async def talk() -> None:
        await websocket.accept()
        socket = QuartSocket(websocket)
        chat = live()
        if isinstance(chat, WebChat):
            await chat.serve(socket)
        else:
            await turn_away(socket, SWITCHED_OFF)

    return blueprint


async def _answer(asset: Asset) -> Response:
    response = Response(asset.content, mimetype=asset.mimetype)
    response.set_etag(asset.etag)
    # The browser may keep the file but asks each time, so that page and scripts are always of one version.
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Security-Policy"] = POLICY.format(connect=_connect_sources())
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    await response.make_conditional(request)
    return response


def _connect_sources() -> str:
    # Older browsers do not count a WebSocket of the same host as 'self'.
    return f"'self' ws://{request.host} wss://{request.host}" if HOST.fullmatch(request.host) else "'self'"
