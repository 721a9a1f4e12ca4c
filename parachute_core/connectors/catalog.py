"""Which connectors are installed; one is imported only when it is started."""

from importlib.metadata import EntryPoint, entry_points

from parachute_core.connectors.base import Connector, ConnectorContext
from parachute_core.model.errors import NotConfigured

CONNECTOR_GROUP = "parachute_core.connectors"
BUILT_FOR = frozenset({"telegram", "discord", "matrix", "web"})
"""Platforms that `bots.yaml` knows sections for, whether or not their connector is installed."""


class Catalog:
    """The installed connectors by platform name."""

    def __init__(self, entries: dict[str, EntryPoint] | None = None) -> None:
        self._entries = {entry.name: entry for entry in entry_points(group=CONNECTOR_GROUP)} if entries is None else entries

    def platforms(self) -> frozenset[str]:
        """Every platform that can be named in a request."""
        return BUILT_FOR | self._entries.keys()

    def make(self, context: ConnectorContext) -> Connector:
        """Import and make the platform's connector. Raises `NotConfigured` when it is not installed or cannot be imported."""
        entry = self._entries.get(context.platform)
        if entry is None:
            raise NotConfigured(f"no connector for {context.platform} is installed")
        try:
            make_connector = entry.load()
        except ImportError as error:
            raise NotConfigured(f"the connector for {context.platform} cannot be imported: {error}") from error
        connector = make_connector(context)
        if not isinstance(connector, Connector):
            raise NotConfigured(f"the connector for {context.platform} is no Connector: {type(connector).__name__}")
        return connector
