"""The web chat's page and its WebSocket. What is said there is the connector's business; this only carries it."""

import re
from collections.abc import Callable

from quart import Blueprint, Quart, Response, abort, request, websocket
from quart.blueprints import BlueprintSetupState

from parachute_core.admin.assets import Asset
from parachute_core.admin.chat_socket import QuartSocket, SteadyConnection
from parachute_core.connectors.base import Connector
from parachute_core.connectors.webchat import SWITCHED_OFF, WebChat, turn_away

HOST = re.compile(r"[A-Za-z0-9.:\[\]_-]+", re.ASCII)
"""What may stand in a header of ours as the host that the page was asked from."""
SCRIPTS = ("chat.js", "chat-connection.js", "chat-memory.js", "chat-text.js", "chat-view.js")
STYLES = ("chat-theme.css", "chat.css")
PACKAGE = "parachute_core.admin"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src {connect}; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def chat_blueprint(live: Callable[[], Connector | None]) -> Blueprint:
    """The page at `/chat`, its files, and the WebSocket at `/chat/socket`.

    `live` gives the running web chat at each visit; None while it is stopped or switched off: the page says so and tries again later.
    Host and Origin must have been checked before, for the WebSocket too.
    """
    blueprint = Blueprint("chat", __name__)
    page = Asset.read(PACKAGE, "chat.html")
    parts = {name: Asset.read(PACKAGE, name) for name in (*STYLES, *SCRIPTS)}

    @blueprint.record_once
    def steady(state: BlueprintSetupState) -> None:
        if isinstance(state.app, Quart):
            state.app.asgi_websocket_class = SteadyConnection

    @blueprint.get("/chat")
    async def show_page() -> Response:
        return await page.answer(_policy())

    @blueprint.get("/chat/<name>")
    async def show_part(name: str) -> Response:
        if name not in parts:
            abort(404)
        return await parts[name].answer(_policy())

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


def _policy() -> str:
    # Older browsers do not count a WebSocket of the same host as 'self'.
    connect = f"'self' ws://{request.host} wss://{request.host}" if HOST.fullmatch(request.host) else "'self'"
    return POLICY.format(connect=connect)
