"""Everything that would keep the bot from starting, at once."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import entry_points

from parachute_core import logs
from parachute_core.assembly import Bot
from parachute_core.chosen import load_orchestrator, load_transcriber
from parachute_core.cli.preview import assembled
from parachute_core.clock import SystemClock
from parachute_core.config.file import ConfigFile
from parachute_core.config.read import LoadedConfig
from parachute_core.connectors.catalog import CONNECTOR_GROUP, Catalog
from parachute_core.home import Home
from parachute_core.model.errors import ConfigError, ParachuteError
from parachute_core.model.redaction import Redactor


@dataclass(slots=True)
class Report:
    """What was found. `plugins`: those that are on, in order, when nothing is wrong with them."""

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    plugins: list[str] = field(default_factory=list)


async def examine(home: Home) -> Report:
    """Read the config, make plugins and what it chooses by name, look for the connectors. Writes nothing, connects to nothing."""
    report, redactor = Report(), Redactor()
    logs.configure(sys.stderr, form="text", level="warning", redactor=redactor)
    if not home.config_path.exists():
        report.problems.append(f"{home.config_path}: there is no such file; `parachute-core run` writes a first one")
        return report
    problems: list[str] = []
    try:
        config = ConfigFile(home.config_path, os.environ, Catalog().sections())
        loaded = config.load()
        redactor.add(*loaded.secrets)
        report.warnings += loaded.warnings
        try:
            async with assembled(config, loaded, dict(os.environ)) as bot:
                report.plugins = [one.name for one in bot.hooks.plugins]
                problems += _unmade(loaded, bot)
        except ParachuteError as error:
            problems += _lines(error)
            # What stopped it may have hidden what is wrong with these.
            problems += _chosen(loaded)
        problems += _connectors(loaded)
    except ParachuteError as error:
        problems += _lines(error)
    report.problems += dict.fromkeys(map(redactor, problems))
    return report


def _chosen(loaded: LoadedConfig) -> Iterator[str]:
    for load in (load_orchestrator, load_transcriber):
        try:
            load(loaded, SystemClock(), os.environ, "")
        except ParachuteError as error:
            yield from _lines(error)


def _unmade(loaded: LoadedConfig, bot: Bot) -> Iterator[str]:
    """Connectors whose module can be imported, and what they stand on cannot."""
    for platform, section in loaded.config.sections().items():
        if section.enabled and section.has_token and _is_installed(platform) and (why := bot.fleet.missing(platform)):
            yield f"{loaded.document.where(platform)}: {platform}: is enabled, and cannot be started: {why}"


def _is_installed(platform: str) -> bool:
    return platform in {entry.name for entry in entry_points(group=CONNECTOR_GROUP)}


def _connectors(loaded: LoadedConfig) -> Iterator[str]:
    installed = {entry.name: entry for entry in entry_points(group=CONNECTOR_GROUP)}
    for platform, section in loaded.config.sections().items():
        if not section.enabled:
            continue
        if platform not in installed:
            yield f"{loaded.document.where(platform)}: {platform}: is enabled, and no connector for it is installed"
            continue
        try:
            installed[platform].load()
        except Exception as error:  # noqa: BLE001 - somebody else's module: whatever is wrong with it is a problem to print
            cause = f"{type(error).__name__}: {error}"
            yield f"{loaded.document.where(platform)}: {platform}: is enabled, and its connector cannot be imported: {cause}"


def _lines(error: ParachuteError) -> list[str]:
    return list(error.problems) if isinstance(error, ConfigError) else str(error).splitlines()
