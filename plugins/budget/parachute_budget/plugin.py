"""The hooks."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from parachute_budget import wording
from parachute_budget.book import Book, Terms, spender_of
from parachute_budget.calendar import Calendar
from parachute_budget.herald import Herald, Saying
from parachute_budget.rules import Spender
from parachute_budget.settings import Settings
from parachute_core import (
    ChatRef,
    ConfigError,
    Deny,
    Inbound,
    Layer,
    Outgoing,
    PluginContext,
    Receipt,
    Send,
    SendKind,
    TurnReport,
    TurnStage,
    Withheld,
    hookimpl,
)

if TYPE_CHECKING:
    from quart import Blueprint

__all__ = ["PLACE", "Settings", "make_plugin"]

PLACE = 60
"""Behind whatever turns strangers away: they spend nothing, and need not read how much is left."""


class Budget:
    """Looks whether there is room when a message comes, reserves it when its turn begins, and charges what it cost at its end."""

    def __init__(self, context: PluginContext[Settings]) -> None:
        settings = context.settings
        self._log = context.logger
        self._access = context.access
        self._limits = bool(settings.rules)
        self._exempt = frozenset((platform, user) for platform, users in settings.exempt.items() for user in users)
        self._calendar = Calendar(settings.zone)
        terms = Terms(settings.rules, settings.reserve, settings.prices.exact if settings.prices else None)
        self._book = Book(context.store, context.clock, self._calendar, terms)
        saying = Saying(context.store, context.notifier, context.clock, context.logger)
        self._herald = Herald(saying, self._book, self._calendar, settings)
        self._begun: dict[ChatRef, TurnReport] = {}
        self._context = context
        if settings.owner is not None and settings.owner.platform not in context.access.known_platforms():
            raise ConfigError(f"owner.platform: there is no platform {settings.owner.platform}")
        if not self._limits:
            self._log.warning("plugins.budget: there are no budgets, so nothing is limited")

    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        """Let a message pass when there is room for its turn now. Commands pass: those that the core answers cost nothing."""
        if not self._counts(message.platform, message.user_id) or message.command is not None:
            return None
        if not self._access.is_allowed(message.platform, message.user_id):
            return None
        spender = Spender(message.platform, message.chat_id, message.user_id)
        rule = await self._book.full(spender)
        if rule is None:
            return None
        return Deny(f"the budget {rule.name} is used up", await self._herald.refusal(rule, spender))

    @hookimpl
    async def on_turn(self, report: TurnReport) -> None:
        """Remember which turn begins; charge what it tells."""
        if not self._counts(report.platform, report.user_id):
            return
        if report.stage is TurnStage.BEGUN:
            self._begun[report.chat] = report
        elif report.stage is TurnStage.USAGE:
            await self._book.used(report)
        else:
            self._begun.pop(report.chat, None)
            if await self._book.settle(report):
                await self._herald.warn(spender_of(report))

    @hookimpl
    def wrap_send(self) -> Layer | None:
        """The same layer for every platform; none where nothing is limited."""
        return self._reserve if self._limits else None

    @hookimpl
    def admin_blueprint(self) -> "Blueprint":
        """What is spent."""
        from parachute_budget.routes import make_blueprint

        return make_blueprint(self._book, self._calendar, self._context.clock, self._context.settings)

    @hookimpl
    def lifespan(self) -> AbstractAsyncContextManager[None]:
        """The tables, and the turns that a crash left behind."""
        return self._live()

    @asynccontextmanager
    async def _live(self) -> AsyncIterator[None]:
        await self._book.open()
        yield

    async def _reserve(self, send: Send, outgoing: Outgoing) -> Receipt:
        """A turn's first call is the typing sign, before the agent is asked: here it gets its reserve, or ends."""
        first = outgoing.kind is SendKind.TYPING and not outgoing.final and outgoing.sender_id is not None
        if first and self._counts(outgoing.platform, outgoing.sender_id or ""):
            await self._admit(outgoing)
        return await send(outgoing)

    async def _admit(self, outgoing: Outgoing) -> None:
        turn = self._begun.get(outgoing.chat)
        if turn is None or turn.user_id != outgoing.sender_id:
            raise Withheld("a turn began of which nothing is known", wording.NOT_NOW)
        try:
            rule = await self._book.reserve(turn)
            reply = None if rule is None else await self._herald.refusal(rule, spender_of(turn))
        except Exception as error:
            # Anything but a Withheld would be taken for a sign that could not be shown, and the turn would go on.
            self._log.error("a turn could not be reserved", extra={"platform": turn.platform, "error": type(error).__name__})
            raise Withheld("the budget cannot be read", wording.NOT_NOW) from error
        if rule is not None:
            raise Withheld(f"the budget {rule.name} is used up", reply)

    def _counts(self, platform: str, user_id: str) -> bool:
        return self._limits and (platform, user_id) not in self._exempt


def make_plugin(context: PluginContext[Settings]) -> Budget:
    """The entry point."""
    return Budget(context)
