"""Makes every part of the bot and introduces it to those it needs. Nothing runs yet when this is done."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from parachute_core.admin.app import make_app
from parachute_core.admin.auth import make_check
from parachute_core.admin.desk.logins import IDLE, Logins
from parachute_core.admin.front import Front
from parachute_core.admin.guard import make_guard
from parachute_core.admin.metrics import make_metrics
from parachute_core.admin.server import AdminServer
from parachute_core.admin.services import AdminServices
from parachute_core.chosen import load_orchestrator, load_transcriber
from parachute_core.config.file import ConfigFile
from parachute_core.config.read import LoadedConfig
from parachute_core.connectors.base import Connector
from parachute_core.connectors.fleet import Core, Fleet
from parachute_core.engine.access import AccessControl
from parachute_core.engine.agent import AgentWatch
from parachute_core.engine.announcements import Announcements
from parachute_core.engine.attempts import Consequences
from parachute_core.engine.deliveries import Deliveries
from parachute_core.engine.dispatching import Dispatcher
from parachute_core.engine.ears import Ears
from parachute_core.engine.fences import Fences
from parachute_core.engine.inbound import Intake, IntakeParts
from parachute_core.engine.invites import OwnerTokens
from parachute_core.engine.ledger import Ledger
from parachute_core.engine.manners import Manners
from parachute_core.engine.outbound import Outbound, Outlet
from parachute_core.engine.overhearing import Overhearing
from parachute_core.engine.owner import OwnerParts, OwnersWord
from parachute_core.engine.patience import Patience
from parachute_core.engine.people import People
from parachute_core.engine.register import Register, acting
from parachute_core.engine.reports import TurnReports
from parachute_core.engine.saying import Voice
from parachute_core.engine.status import StatusKeeper
from parachute_core.engine.tally import Tally
from parachute_core.engine.turn import TurnParts, TurnRunner
from parachute_core.engine.turns import Turns
from parachute_core.equip import load_hooks
from parachute_core.hooks.call import Hooks
from parachute_core.hooks.shapes import ConnectorInfo
from parachute_core.model.decision import BY_HAND, CORE, Decision, What
from parachute_core.model.errors import StoreError
from parachute_core.model.message import ChatRef
from parachute_core.model.redaction import Redactor
from parachute_core.seams import Seams
from parachute_core.store.audit import AuditLog
from parachute_core.store.connector_memory import ConnectorMemory
from parachute_core.store.database import Database
from parachute_core.store.deliveries import DeliveryList
from parachute_core.store.grants import Grants
from parachute_core.store.group_commit import GroupCommit
from parachute_core.store.inbox import Inbox
from parachute_core.store.logins import LoginRows
from parachute_core.store.outbox import Outbox
from parachute_core.store.people import PeopleRows
from parachute_core.store.sessions import SessionStore
from parachute_core.store.usage import UsageBook
from parachute_core.store.vault import secret
from parachute_core.watch import ConfigWatch

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Bot:
    """A running bot."""

    config: ConfigFile
    store: Database
    access: AccessControl
    sessions: SessionStore
    failures: DeliveryList
    hooks: Hooks
    announcements: Announcements
    register: Register
    ledger: Ledger
    services: AdminServices
    """What the admin API works on."""
    intake: Intake
    deliveries: Deliveries
    fences: Fences
    outbound: Outbound
    purges: Sequence[Callable[[], Awaitable[None]]]
    """What keeps the database from growing for ever."""
    fleet: Fleet
    owner_tokens: OwnerTokens
    redactor: Redactor
    server: AdminServer
    key: str
    watch: ConfigWatch

    @property
    def url(self) -> str:
        """Where the admin API and the web chat are served."""
        return self.server.url


async def assemble(
    config: ConfigFile,
    loaded: LoadedConfig,
    store: Database,
    key: str,
    redactor: Redactor,
    seams: Seams,
    environ: Mapping[str, str],
    folder: Path,
    host: str | None,
    port: int | None,
) -> Bot:
    """Make the bot. `folder`: where connectors may keep files. Raises `ConfigError` or `PluginError`, with every problem in it."""
    clock = seams.clock
    tally = Tally(clock)
    sessions = SessionStore(store, clock)
    inbox, outbox, ledger = Inbox(store, clock), Outbox(store, clock), Ledger(GroupCommit(store), clock)
    audit = AuditLog(store, clock)
    register = Register(audit, ledger, redactor)
    ledger.try_with(lambda trouble: register.row(Decision(What.STORE_RECOVERED, CORE, why=f"it took nothing: {trouble}")))
    access = AccessControl(config, Grants(store), seams.connectors.platforms, register.note, clock)
    people = People(access, PeopleRows(store), clock)
    dispatcher = Dispatcher(outbox, ledger, clock, access.stands, lambda platform: outbound.outlet(platform).traits)
    outbound = Outbound(dispatcher, redactor, clock)
    dispatcher.through(outbound.dispatch, outbound.free, outbound.close)
    follows = Consequences(
        settled=lambda parcel: [inbox.settle(parcel.inbox)] if parcel.last and parcel.inbox is not None else [],
        remembered=lambda parcel: [sessions.remember(parcel.exchange)] if parcel.exchange is not None else [],
        said=lambda parcel, error: voice.of_loss(parcel, error),
        recorded=register.row,
        tried=tally.tried,
    )
    deliveries = Deliveries(outbox, ledger, dispatcher, clock, follows)
    voice = Voice(outbound, deliveries)
    announcements = Announcements()
    hooks = load_hooks(loaded, store, sessions, access, voice, announcements, register, clock, seams.plugins)
    orchestrator = Patience(seams.orchestrator or load_orchestrator(loaded, clock, environ, key), clock, seams.rng)
    agent = AgentWatch(loaded.config.orchestrator.use, clock, register.note)
    manners = Manners(lambda: config.current.config)
    overheard = Overhearing(manners)
    ears = Ears(seams.transcriber or load_transcriber(loaded, clock, environ, key), outbound, clock)
    usage = UsageBook(store)
    reports = TurnReports(tally, usage, ledger, hooks.on_turn)
    runner = TurnRunner(
        TurnParts(
            access,
            sessions,
            orchestrator,
            loaded.config.orchestrator.history_tokens,
            agent,
            outbound,
            deliveries,
            voice,
            outbox,
            inbox,
            ledger,
            ears,
            overheard,
            manners,
            reports.tell,
            clock,
        )
    )
    turns = Turns(inbox, ledger, runner.run, register.row)
    intake = Intake(IntakeParts(hooks, access, people, sessions, inbox, ledger, turns, deliveries, voice, ears, overheard, manners, tally))
    fences = Fences(turns, deliveries, sessions, outbound, voice, register.note)
    access.fence(fences.user)
    tokens = OwnerTokens(access, clock, register.note)
    word = OwnersWord(OwnerParts(deliveries, outbox, ledger, sessions, access.stands, follows.settled, register.row))

    def attach(platform: str, connector: Connector) -> None:
        layers = hooks.wrap_send(ConnectorInfo(platform))
        send = tally.counted(platform, connector.send)
        outbound.attach(platform, Outlet(send, connector.traits, connector.format, connector.fetch), layers)
        deliveries.open(platform)
        turns.take_up(platform)

    def detach(platform: str) -> None:
        outbound.detach(platform)
        deliveries.close(platform)

    async def moved(platform: str, old_chat_id: str, new_chat_id: str) -> None:
        old, new = ChatRef(platform, old_chat_id), ChatRef(platform, new_chat_id)
        await sessions.move(old, new)
        await deliveries.move(old, new)

    async def reachable(platform: str, chat_id: str) -> None:
        try:
            await deliveries.heard(ChatRef(platform, chat_id))
        except StoreError as error:
            log.warning("a chat is back and could not be told what waits for it", extra={"platform": platform, "error": str(error)})

    def status(platform: str) -> StatusKeeper:
        return StatusKeeper(platform, hooks.on_status_change, clock, redactor, lambda: deliveries.wake(platform), register.note)

    core = Core(
        make=seams.connectors.make,
        platforms=seams.connectors.platforms,
        config=lambda: config.current.config,
        attach=attach,
        detach=detach,
        receive=intake.receive,
        redeem=tokens.redeem,
        is_allowed=access.is_allowed,
        moved=moved,
        reachable=reachable,
        may_show=outbound.may_show,
        status=status,
        secret=await secret(store, "connectors"),
        memory=lambda platform: ConnectorMemory(store, platform),
        folder=lambda platform: folder / platform,
    )
    fleet = Fleet(core, clock, seams.rng)

    async def follow(loaded: LoadedConfig, changed: Sequence[str]) -> None:
        redactor.add(*loaded.secrets)
        with acting(BY_HAND):
            if changed:
                register.note(Decision(What.CONFIG_CHANGED, why=", ".join(changed)))
            await access.refresh()
            await fleet.follow()

    watch = ConfigWatch(config, follow, clock)
    admin = loaded.config.admin
    services = AdminServices(
        config=config,
        access=access,
        fleet=fleet,
        sessions=sessions,
        agent=agent,
        usage=usage,
        archive=fences.archive,
        failures=DeliveryList(store),
        word=word,
        audit=audit,
        register=register,
        logins=Logins(LoginRows(store, IDLE), clock, register.note, key),
        people=people,
        trouble=lambda: ledger.trouble,
        hooks=hooks,
        redactor=redactor,
        key=key,
        clock=clock,
        ready=intake.is_open,
        tally=tally,
        load=turns.load,
        reload=watch.look,
        host=host,
    )
    metrics = make_metrics(services)
    app = make_app(services, metrics)
    front = Front(app, services, make_guard(services), make_check(services), metrics)
    server = AdminServer(app, host or admin.host, admin.port if port is None else port, front, services.ending)
    return Bot(
        config=config,
        store=store,
        access=access,
        sessions=sessions,
        failures=services.failures,
        hooks=hooks,
        announcements=announcements,
        register=register,
        ledger=ledger,
        services=services,
        intake=intake,
        deliveries=deliveries,
        fences=fences,
        outbound=outbound,
        purges=(inbox.purge, outbox.purge, audit.purge, people.purge),
        fleet=fleet,
        owner_tokens=tokens,
        redactor=redactor,
        server=server,
        key=key,
        watch=watch,
    )
