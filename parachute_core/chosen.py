"""Makes what `bots.yaml` chooses by name: what answers, and what listens."""

import logging
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from parachute_core.clock import Clock
from parachute_core.config.read import LoadedConfig
from parachute_core.hooks.settings import NoSettings
from parachute_core.installed import InstalledParts, Make
from parachute_core.model.errors import ConfigError
from parachute_core.model.turn import Orchestrator, Transcriber
from parachute_core.orchestrators.catalog import Catalog as Orchestrators
from parachute_core.orchestrators.context import OrchestratorContext
from parachute_core.transcribers.catalog import Catalog as Transcribers
from parachute_core.transcribers.context import TranscriberContext


def installed_orchestrators() -> tuple[str, ...]:
    """What `orchestrator.use` may say, sorted."""
    return Orchestrators().names()


def orchestrator_settings(name: str) -> type[BaseModel] | None:
    """The model of the keys beside `use: name`; None: it takes none. Raises `ConfigError` when it is not installed."""
    return Orchestrators().load(name).settings


def load_orchestrator(loaded: LoadedConfig, clock: Clock, environ: Mapping[str, str], key: str) -> Orchestrator:
    """The orchestrator that the config names. Raises `ConfigError` when it is not installed or does not take its settings."""
    make, settings, logger = _load(loaded, Orchestrators(), loaded.config.orchestrator.use)
    try:
        return make(OrchestratorContext(settings, clock, logger, loaded.secrets | {key}, environ))
    except ConfigError as error:
        raise _placed(error, loaded, Orchestrators.section) from error


def load_transcriber(loaded: LoadedConfig, clock: Clock, environ: Mapping[str, str], key: str) -> Transcriber | None:
    """The transcriber that the config names, or None when it names none. Raises `ConfigError` as `load_orchestrator` does."""
    section = loaded.config.transcriber
    if section is None:
        return None
    make, settings, logger = _load(loaded, Transcribers(), section.use)
    return make(TranscriberContext(settings, clock, logger, loaded.secrets | {key}, environ))


def _load(loaded: LoadedConfig, parts: InstalledParts[Make], use: str) -> tuple[Make, Any, logging.Logger]:
    """The factory, the validated settings and the logger of the part that the section of its kind names."""
    section, document = parts.section, loaded.document
    try:
        installed = parts.load(use)
    except ConfigError as error:
        raise _placed(error, loaded, section) from error
    settings = document.validate(installed.settings or NoSettings, section, ignore=("use",))
    return installed.make, settings, logging.getLogger(f"{parts.group}.{use}")


def _placed(error: ConfigError, loaded: LoadedConfig, section: str) -> ConfigError:
    """The same, with where it stands in the file."""
    return ConfigError(*(f"{loaded.document.where(section, 'use')}: {one}" for one in error.problems))
