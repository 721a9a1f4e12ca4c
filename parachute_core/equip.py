"""Loads the plugins that are on, and hands each what it may use of the bot."""

import logging
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from parachute_core.clock import Clock
from parachute_core.config.read import LoadedConfig
from parachute_core.engine.access import AccessControl
from parachute_core.engine.announcements import Announcements
from parachute_core.engine.behalf import AccessOfPlugin, AnnouncementsOfPlugin, RecordOfPlugin
from parachute_core.engine.register import Register, acting
from parachute_core.engine.saying import Voice
from parachute_core.hooks.call import Hooks
from parachute_core.hooks.discover import Candidate, discover
from parachute_core.hooks.load import load_plugins
from parachute_core.hooks.shapes import PluginContext
from parachute_core.model.decision import OWNER
from parachute_core.store.database import Database
from parachute_core.store.sessions import SessionStore


def load_hooks(
    loaded: LoadedConfig,
    store: Database,
    sessions: SessionStore,
    access: AccessControl,
    notifier: Voice,
    announcements: Announcements,
    register: Register,
    clock: Clock,
    candidates: Sequence[Candidate] | None,
) -> Hooks:
    """The plugins in their order. `candidates` None: those that are installed. Raises `PluginError`, with every problem in it."""

    def make_context(name: str, settings: BaseModel | None) -> PluginContext[Any]:
        return PluginContext(
            name=name,
            settings=settings,
            clock=clock,
            logger=logging.getLogger(f"parachute_core.plugins.{name}"),
            store=store.plugin_store(name),
            sessions=sessions,
            access=AccessOfPlugin(access, name),
            notifier=notifier,
            announce=AnnouncementsOfPlugin(announcements, register, name).announce,
            record=RecordOfPlugin(register, name).note,
            as_owner=lambda: acting(OWNER),
        )

    document = loaded.document
    return load_plugins(
        discover() if candidates is None else candidates,
        settings=loaded.config.plugins,
        required=loaded.config.required,
        make_context=make_context,
        validate=lambda model, name: document.validate(model, "plugins", name, ignore=("enabled",)),
        where=document.where,
    )
