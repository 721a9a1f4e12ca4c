"""The web chat connector. Its section of `bots.yaml` is `config.schema.WebSection`; it has no credentials."""

from parachute_core.connectors.base import ConnectorContext
from parachute_core.connectors.webchat.connector import SWITCHED_OFF, WebChat, turn_away
from parachute_core.connectors.webchat.sockets import Disconnected, Socket

__all__ = ["SWITCHED_OFF", "Disconnected", "Socket", "WebChat", "make_connector", "turn_away"]


def make_connector(context: ConnectorContext) -> WebChat:
    """Make the web chat for one start."""
    return WebChat(context)
