"""The Telegram connector. Its section of `bots.yaml` is `config.schema.TelegramSection`; its library is imported when it is made."""

from parachute_core.connectors.base import Connector, ConnectorContext
from parachute_core.model.errors import NotConfigured

__all__ = ["make_connector"]


def make_connector(context: ConnectorContext) -> Connector:
    """Make the Telegram connector for one start. Raises `NotConfigured` when its library is not installed."""
    try:
        from parachute_core.connectors.telegram.connector import Telegram
    except ImportError as error:
        raise NotConfigured(f"Telegram needs the extra parachute-core[telegram]: {error}") from error
    return Telegram(context)
