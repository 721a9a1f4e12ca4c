"""The hooks."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from parachute_core import Deny, Inbound, PluginContext, hookimpl
from parachute_pairing.chores import Chores
from parachute_pairing.desk import Desk
from parachute_pairing.expiry import sweep
from parachute_pairing.gate import Gate
from parachute_pairing.settings import Settings
from parachute_pairing.store import PairingStore
from parachute_pairing.turned_away import TurnedAway

if TYPE_CHECKING:
    from quart import Blueprint

__all__ = ["PLACE", "Settings", "make_plugin"]

PLACE = 50
"""After whatever keeps a flood out, before whatever looks at a session that a stranger has not got."""


class Pairing:
    """Owns the pairing requests: their table, their routes, their expiry."""

    def __init__(self, context: PluginContext[Settings]) -> None:
        self._context = context
        self._chores = Chores()
        self._store = PairingStore(context.store, context.clock)
        self._desk = Desk(context, self._store, self._chores)
        self._turned_away = TurnedAway()
        self._gate = Gate(context.access, self._desk, self._turned_away)

    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        """Let allowed users pass; a stranger's message becomes a request."""
        return await self._gate.judge(message)

    @hookimpl
    def admin_blueprint(self) -> "Blueprint":
        """List, count, approve, deny, revoke."""
        from parachute_pairing.routes import make_blueprint

        return make_blueprint(self._desk, self._store, self._turned_away)

    @hookimpl
    def lifespan(self) -> AbstractAsyncContextManager[None]:
        """The table, what a crash left behind, what expired meanwhile, and the sweep."""
        return self._live()

    @asynccontextmanager
    async def _live(self) -> AsyncIterator[None]:
        context = self._context
        await self._store.migrate()
        async with self._chores:
            await self._tidy()
            self._chores.start(sweep(self._tidy, context.clock, context.settings.sweep_interval, context.logger))
            yield

    async def _tidy(self) -> None:
        await self._desk.repair()
        await self._desk.expire()


def make_plugin(context: PluginContext[Settings]) -> Pairing:
    """The entry point."""
    return Pairing(context)
