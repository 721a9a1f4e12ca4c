"""The Discord connector. Its section of `bots.yaml` is `config.schema.DiscordSection`; its library comes with the extra `discord`."""

from parachute_core.connectors.base import Connector, ConnectorContext
from parachute_core.model.errors import NotConfigured


def make_connector(context: ConnectorContext) -> Connector:
    """Make the connector for one start. Raises `NotConfigured` without a token, or when the library is not installed."""
    if not context.settings.bot_token:
        raise NotConfigured("discord.bot_token is empty")
    try:
        from parachute_core.connectors.discord.connector import Discord
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] == "parachute_core":
            raise
        raise NotConfigured(f"{error.name} is not installed; the extra parachute-core[discord] brings it") from error
    return Discord(context)
