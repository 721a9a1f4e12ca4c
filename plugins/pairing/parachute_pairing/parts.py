"""Makes every part of the plugin and introduces it to those it needs."""

from dataclasses import dataclass

from parachute_core import Clock, PluginContext
from parachute_pairing.admission import Admission
from parachute_pairing.approvals import Approvals
from parachute_pairing.blocks.blocking import Blocking
from parachute_pairing.blocks.people import Blocked
from parachute_pairing.chores import Chores
from parachute_pairing.desk import Desk
from parachute_pairing.gate import Gate
from parachute_pairing.invitations.doorstep import Doorstep
from parachute_pairing.invitations.invites import Invites
from parachute_pairing.invitations.store import InviteStore
from parachute_pairing.notices.herald import Herald
from parachute_pairing.notices.store import NoticeStore
from parachute_pairing.notices.words import OwnersWords
from parachute_pairing.office import Office
from parachute_pairing.settings import Settings
from parachute_pairing.store import PairingStore
from parachute_pairing.terms import Terms
from parachute_pairing.turned_away import TurnedAway


@dataclass(frozen=True, slots=True)
class Parts:
    """What hooks and routes work on."""

    clock: Clock
    store: PairingStore
    approvals: Approvals
    blocked: Blocked
    terms: Terms
    desk: Desk
    blocking: Blocking
    invite_store: InviteStore
    invites: Invites
    turned_away: TurnedAway
    gate: Gate
    herald: Herald | None
    """None: the owner is told nowhere."""

    async def load(self) -> None:
        """Make or update the tables, and read what is kept in memory. Raises `StoreError`."""
        await self.store.migrate()
        await self.blocked.load()
        await self.terms.load()


def make_parts(context: PluginContext[Settings], chores: Chores) -> Parts:
    """The parts of one plugin."""
    clock, notify, turned_away = context.clock, context.settings.notify, TurnedAway(context.clock)
    store, blocked, terms = PairingStore(context.store, clock), Blocked(context.store, context.access, clock), Terms(context.store, clock)
    herald = None if notify is None else Herald(context, notify, store, NoticeStore(context.store), turned_away)
    office = Office(context, chores, herald.hear if herald is not None else None)
    approvals = Approvals(context.store, clock)
    admission = Admission(context, approvals, terms, office)
    desk = Desk(context, store, approvals, terms, admission, office)
    invite_store = InviteStore(context.store, approvals, clock)
    invites = Invites(context, invite_store, store, admission, office)
    doorstep = Doorstep(invites, context.settings, clock, context.logger)
    blocking = Blocking(context, store, blocked, admission, office)
    words = OwnersWords(context, store, desk, blocking)
    return Parts(
        clock=clock,
        store=store,
        approvals=approvals,
        blocked=blocked,
        terms=terms,
        desk=desk,
        blocking=blocking,
        invite_store=invite_store,
        invites=invites,
        turned_away=turned_away,
        gate=Gate(context.access, terms, words, doorstep, desk, turned_away),
        herald=herald,
    )
