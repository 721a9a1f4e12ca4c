"""The installed plugins as this home's configuration has them."""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from parachute_core import logs
from parachute_core.cli.preview import assembled
from parachute_core.config.default import write_default
from parachute_core.config.file import ConfigFile
from parachute_core.connectors.catalog import Catalog
from parachute_core.home import Home
from parachute_core.hooks.call import DisabledPlugin, LoadedPlugin
from parachute_core.hooks.discover import discover
from parachute_core.model.redaction import Redactor


async def take_inventory(home: Home) -> dict[str, Any]:
    """`plugins` (those that are on in their order, then the others) and `order` by hook. Before the first run: as that would have them.

    Raises `ConfigError` and `PluginError` as `run` would.
    """
    redactor = Redactor()
    logs.configure(sys.stderr, form="text", level="warning", redactor=redactor)
    with TemporaryDirectory(prefix="parachute-") as folder:
        path = home.config_path
        if not path.exists():
            path = Path(folder) / path.name
            write_default(path, {one.name for one in discover()})
        config = ConfigFile(path, os.environ, Catalog().sections())
        loaded = config.load()
        redactor.add(*loaded.secrets)
        async with assembled(config, loaded, dict(os.environ)) as bot:
            installed: list[LoadedPlugin | DisabledPlugin] = [*bot.hooks.plugins, *bot.hooks.disabled]
            order = {hook: list(names) for hook, names in bot.hooks.order().items()}
            return {"plugins": [_described(one) for one in installed], "order": order}


def _described(plugin: LoadedPlugin | DisabledPlugin) -> dict[str, object]:
    return {
        "name": plugin.name,
        "distribution": plugin.distribution,
        "version": plugin.version,
        "enabled": plugin.enabled,
        "hooks": list(plugin.hooks),
    }
