"""Which connectors are installed; one is imported only when it is started."""

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from parachute_core.config.schema import PlatformSection
from parachute_core.connectors.base import Connector, ConnectorContext, MakeConnector
from parachute_core.model.errors import NotConfigured

CONNECTOR_GROUP = "parachute_core.connectors"
BUILT_FOR = frozenset({"telegram", "discord", "matrix", "web"})
"""Platforms that `bots.yaml` knows sections for, whether or not their connector is installed."""


class Catalog:
    """The connectors by platform name: those of this process, then those that are installed."""

    def __init__(self, own: Mapping[str, MakeConnector] | None = None) -> None:
        self._own = dict(own or {})
        self._entries = {entry.name: entry for entry in entry_points(group=CONNECTOR_GROUP)}

    def platforms(self) -> frozenset[str]:
        """Every platform that can be named in a request."""
        return BUILT_FOR | self._own.keys() | self._entries.keys()

    def sections(self) -> dict[str, type[PlatformSection]]:
        """The settings models of platforms that core has no section for: `Settings` beside the connector's factory."""
        return {name: _section(entry) for name, entry in self._entries.items() if name not in BUILT_FOR}

    def make(self, context: ConnectorContext) -> Connector:
        """Import and make the platform's connector. Raises `NotConfigured` when it is not installed or cannot be imported."""
        make_connector = self._own.get(context.platform) or self._load(context.platform)
        connector = make_connector(context)
        if not isinstance(connector, Connector):
            raise NotConfigured(f"the connector for {context.platform} is no Connector: {type(connector).__name__}")
        return connector

    def _load(self, platform: str) -> MakeConnector:
        entry = self._entries.get(platform)
        if entry is None:
            raise NotConfigured(f"no connector for {platform} is installed")
        try:
            loaded: MakeConnector = entry.load()
        except ImportError as error:
            raise NotConfigured(f"the connector for {platform} cannot be imported: {error}") from error
        return loaded


def _section(entry: EntryPoint) -> type[PlatformSection]:
    settings = getattr(import_module(entry.module), "Settings", None)
    if not (isinstance(settings, type) and issubclass(settings, PlatformSection)):
        raise NotConfigured(f"the connector for {entry.name} has no Settings model that is a PlatformSection")
    return settings
