"""Looks whether a bot would start with a draft of a configuration, and whether its platform knows the token, before anything is written."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from parachute_core import logs
from parachute_core.cli.preview import assembled
from parachute_core.config.disk import put_files
from parachute_core.config.draft import Draft
from parachute_core.config.file import ConfigFile
from parachute_core.connectors.catalog import Catalog
from parachute_core.hooks.discover import discover
from parachute_core.model.redaction import Redactor


async def try_out(draft: Draft, *, ask_platform: bool) -> Mapping[str, str]:
    """Who the bot is, as its platform says; empty without `ask_platform`. The draft lies in a private folder meanwhile.

    Raises `ConfigError` and `PluginError` as `run` would, `ConnectorError` as `Connector.test` does.
    """
    redactor = Redactor(draft.secrets())
    logs.configure(sys.stderr, form="text", level="warning", redactor=redactor)
    with TemporaryDirectory(prefix="parachute-") as name:
        folder = Path(name)
        put_files(folder, draft.files(plugins_here()), overwrite=False)
        config = ConfigFile(folder / "bots.yaml", os.environ, Catalog().sections())
        loaded = config.load()
        redactor.add(*loaded.secrets)
        async with assembled(config, loaded, dict(os.environ)) as bot:
            return await bot.fleet.test(draft.platform) if ask_platform else {}


def plugins_here() -> set[str]:
    """The names of the plugins that are installed."""
    return {one.name for one in discover()}
