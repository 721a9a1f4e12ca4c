"""Builds the whole bot and unwinds it: one async context manager. The only introduction between the rooms."""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from parachute_core.admin.app import make_app
from parachute_core.admin.key import admin_key
from parachute_core.admin.server import AdminServer
from parachute_core.admin.services import AdminServices
from parachute_core.clock import Clock, SystemClock, within
from parachute_core.config.file import ConfigFile
from parachute_core.config.read import LoadedConfig
from parachute_core.connectors.base import Connector, ConnectorContext
from parachute_core.connectors.catalog import Catalog
from parachute_core.connectors.fleet import Core, Fleet
from parachute_core.engine.access import AccessControl
from parachute_core.engine.inbound import Intake
from parachute_core.engine.invites import OwnerTokens
from parachute_core.engine.outbound import Outbound, Outlet
from parachute_core.engine.status import StatusKeeper
from parachute_core.engine.turn import TurnRunner
from parachute_core.home import Home
from parachute_core.hooks.call import Hooks
from parachute_core.hooks.discover import Candidate, discover
from parachute_core.hooks.load import load_plugins
from parachute_core.hooks.shapes import ConnectorInfo, PluginContext
from parachute_core.model.pairing import PairingEvent
from parachute_core.model.redaction import Redactor
from parachute_core.model.turn import Orchestrator
from parachute_core.orchestrators.catalog import make_orchestrator
from parachute_core.store.database import Database
from parachute_core.store.failures import FailedSends
from parachute_core.store.grants import Grants
from parachute_core.store.sessions import SessionStore
from parachute_core.store.vault import secret

DRAIN_WITHIN = 8.0
"""Seconds that answers in the making get when the bot is stopped."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seams:
    """What a test or an embedding program may put in place of the real thing."""

    clock: Clock = field(default_factory=SystemClock)
    rng: random.Random = field(default_factory=random.Random)
    connectors: Catalog = field(default_factory=Catalog)
    plugins: Sequence[Candidate] | None = None
    """None: those that are installed."""
    orchestrator: Orchestrator | None = None
    """None: the one that the config names."""


@dataclass(frozen=True, slots=True)
class Bot:
    """A running bot."""

    config: ConfigFile
    store: Database
    access: AccessControl
    sessions: SessionStore
    failures: FailedSends
    hooks: Hooks
    intake: Intake
    outbound: Outbound
    fleet: Fleet
    owner_tokens: OwnerTokens
    redactor: Redactor
    server: AdminServer
    key: str

    @property
    def url(self) -> str:
        """Where the admin API and the web chat are served."""
        return self.server.url


@asynccontextmanager
async def open_bot(
    home: Home,
    environ: Mapping[str, str],
    *,
    host: str | None = None,
    port: int | None = None,
    redactor: Redactor | None = None,
    seams: Seams | None = None,
) -> AsyncIterator[Bot]:
    """Start everything below `home`; leave the block to stop it. Stopping lets answers in the making finish for some seconds.

    `host` and `port` override the config's. Raises `ConfigError`, `PluginError`, `StoreError` before anything is connected.
    """
    seams = seams or Seams()
    redactor = redactor or Redactor()
    async with AsyncExitStack() as stack:
        stack.enter_context(home.lock())
        config = ConfigFile(home.config_path, environ, seams.connectors.sections())
        loaded = await asyncio.to_thread(config.load)
        key = await asyncio.to_thread(admin_key, home.key_path, loaded.config.admin)
        redactor.add(key, *loaded.secrets)
        store = await stack.enter_async_context(Database.open(home.database_path, seams.clock))
        bot = await _assemble(config, loaded, store, key, redactor, seams, environ, host, port)
        await bot.access.start()
        for name, span in bot.hooks.lifespans():
            await _enter(stack, bot.hooks, name, span)
        await stack.enter_async_context(bot.server.serving())
        stack.push_async_callback(bot.fleet.stop_all)
        await bot.fleet.start_enabled()
        stack.push_async_callback(_drain, bot.intake, seams.clock)
        yield bot


async def _assemble(
    config: ConfigFile,
    loaded: LoadedConfig,
    store: Database,
    key: str,
    redactor: Redactor,
    seams: Seams,
    environ: Mapping[str, str],
    host: str | None,
    port: int | None,
) -> Bot:
    """Make every part and introduce it to those it needs; nothing runs yet."""
    clock = seams.clock
    sessions = SessionStore(store, clock)
    failures = FailedSends(store, clock)
    access = AccessControl(config, Grants(store), seams.connectors.platforms)
    outbound = Outbound(failures, redactor)
    hooks = _load_hooks(loaded, store, sessions, access, outbound, seams)
    orchestrator = seams.orchestrator or make_orchestrator(loaded, clock, redactor, environ)
    turns = TurnRunner(access, sessions, orchestrator, outbound, clock)
    intake = Intake(hooks, access, sessions, outbound, turns, lambda platform: _acks(config, platform))
    tokens = OwnerTokens(access, clock)

    def attach(platform: str, connector: Connector) -> None:
        layers = hooks.wrap_send(ConnectorInfo(platform))
        outbound.attach(platform, Outlet(connector.send, connector.traits, connector.format), layers)

    core = Core(
        make=seams.connectors.make,
        platforms=seams.connectors.platforms,
        config=lambda: config.current.config,
        attach=attach,
        detach=outbound.detach,
        receive=intake.receive,
        redeem=tokens.redeem,
        status=lambda platform: StatusKeeper(platform, hooks.on_status_change, clock, redactor),
        secret=await secret(store, "connectors"),
    )
    fleet = Fleet(core, clock, seams.rng)
    admin = loaded.config.admin
    services = AdminServices(
        config=config,
        access=access,
        fleet=fleet,
        sessions=sessions,
        hooks=hooks,
        redactor=redactor,
        key=key,
        clock=clock,
        ready=intake.is_open,
    )
    server = AdminServer(make_app(services), host or admin.host, admin.port if port is None else port)
    return Bot(config, store, access, sessions, failures, hooks, intake, outbound, fleet, tokens, redactor, server, key)


def _load_hooks(
    loaded: LoadedConfig, store: Database, sessions: SessionStore, access: AccessControl, outbound: Outbound, seams: Seams
) -> Hooks:
    hooks = Hooks()

    async def announce(event: PairingEvent) -> None:
        await hooks.on_pairing_event(event)

    def make_context(name: str, settings: BaseModel | None) -> PluginContext[Any]:
        return PluginContext(
            name=name,
            settings=settings,
            clock=seams.clock,
            logger=logging.getLogger(f"parachute_core.plugins.{name}"),
            store=store.plugin_store(name),
            sessions=sessions,
            access=access,
            notifier=outbound,
            announce=announce,
        )

    document = loaded.document
    hooks = load_plugins(
        discover() if seams.plugins is None else seams.plugins,
        settings=loaded.config.plugins,
        required=loaded.config.required,
        make_context=make_context,
        validate=lambda model, name: document.validate(model, "plugins", name, ignore=("enabled",)),
        where=document.where,
    )
    return hooks


def _acks(config: ConfigFile, platform: str) -> bool:
    section = config.current.config.sections().get(platform)
    return section is not None and section.ack_emoji is not None


async def _enter(stack: AsyncExitStack, hooks: Hooks, name: str, span: AbstractAsyncContextManager[None]) -> None:
    """Enter a plugin's lifespan; what it raises is named, and so is what it raises when it is left."""
    try:
        await stack.enter_async_context(span)
    except Exception as error:
        raise hooks.error(name, f"lifespan failed: {type(error).__name__}: {error}") from error


async def _drain(intake: Intake, clock: Clock) -> None:
    """Take no more messages; let what is being answered finish, and give up what takes too long."""
    try:
        await within(clock, DRAIN_WITHIN, intake.close())
    except TimeoutError:
        log.warning("answers were given up at the stop", extra={"chats": await intake.abort()})
