"""The hooks."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from parachute_core import ConfigError, Deny, Inbound, PluginContext, hookimpl
from parachute_pairing.chores import Chores
from parachute_pairing.expiry import keep_terms, sweep
from parachute_pairing.parts import make_parts
from parachute_pairing.settings import Settings

if TYPE_CHECKING:
    from quart import Blueprint

__all__ = ["PLACE", "Settings", "make_plugin"]

PLACE = 50
"""After whatever keeps a flood out, before whatever looks at a session that a stranger has not got."""


class Pairing:
    """Owns the pairing requests: their tables, their routes, their expiry."""

    def __init__(self, context: PluginContext[Settings]) -> None:
        self._context = context
        self._chores = Chores()
        self._parts = make_parts(context, self._chores)

    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        """Let allowed users pass; a stranger's message becomes a request, or brings a code."""
        return await self._parts.gate.judge(message)

    @hookimpl
    def admin_blueprint(self) -> "Blueprint":
        """List, count, approve, deny, revoke; block; invite."""
        from parachute_pairing.routes import make_blueprint

        return make_blueprint(self._parts)

    @hookimpl
    def lifespan(self) -> AbstractAsyncContextManager[None]:
        """The tables, what a crash left behind, what expired and ended meanwhile, and the loops that look for such."""
        return self._live()

    @asynccontextmanager
    async def _live(self) -> AsyncIterator[None]:
        context, parts = self._context, self._parts
        notify = context.settings.notify
        if notify is not None and notify.platform not in context.access.known_platforms():
            raise ConfigError(f"plugins.pairing.notify.platform: there is no platform {notify.platform}")
        await parts.load()
        async with self._chores:
            await self._tidy()
            self._chores.start(sweep(self._tidy, context.clock, context.settings.sweep_interval, context.logger))
            self._chores.start(keep_terms(parts.terms.next_end, parts.desk.end_terms, context.clock, context.logger))
            if parts.herald is not None:
                self._chores.start(parts.herald.run())
            yield

    async def _tidy(self) -> None:
        desk = self._parts.desk
        await desk.repair()
        await desk.expire()
        await desk.end_terms()


def make_plugin(context: PluginContext[Settings]) -> Pairing:
    """The entry point."""
    return Pairing(context)
