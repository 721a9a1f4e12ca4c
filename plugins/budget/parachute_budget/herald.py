"""Who is told what: once in a period, also over a restart."""

from dataclasses import dataclass
from logging import Logger

from parachute_budget import table, wording
from parachute_budget.amount import NOTHING
from parachute_budget.book import Book
from parachute_budget.calendar import Calendar
from parachute_budget.rules import Per, Rule, Spender
from parachute_budget.settings import Settings
from parachute_core import ChatRef, Clock, Notifier, ParachuteError, PluginStore, Purpose


@dataclass(frozen=True, slots=True)
class Saying:
    """Where what was said is remembered, and how something is said."""

    store: PluginStore
    notifier: Notifier
    clock: Clock
    logger: Logger


class Herald:
    """Finds the words for the end of a budget, and warns before it."""

    def __init__(self, saying: Saying, book: Book, calendar: Calendar, settings: Settings) -> None:
        self._saying = saying
        self._book = book
        self._calendar = calendar
        self._settings = settings
        self._rules = settings.rules
        self._currency = settings.prices.currency if settings.prices else ""
        owner = settings.owner
        self._owner = None if owner is None else ChatRef(owner.platform, owner.chat_id)

    async def refusal(self, rule: Rule, spender: Spender) -> str | None:
        """What somebody reads whose turn does not fit, or None for silence; tells the owner. Raises `StoreError`."""
        if self._owner is not None:
            platform, account = spender.account(rule.per)
            await self._tell_once("owner", rule, None, self._owner, wording.for_owner(rule, platform, account, self._currency))
        first = await self._mark("refused", rule, spender)
        if not first and self._settings.notify == "once":
            return None
        return wording.used_up(rule, self._wait(rule), self._settings.message)

    async def warn(self, spender: Spender) -> None:
        """A turn was charged: warn whoever has come near the end of a budget, once. Raises `StoreError`."""
        share = self._settings.warn_at
        if share is None:
            return
        moment = self._calendar.at(self._saying.clock.now())
        accounts = await self._book.spent(spender, moment)
        for rule in self._rules:
            stands = accounts.get((rule.per, rule.period), NOTHING)
            if stands.of(rule.measure) < share * rule.limit:
                continue  # as for nearly every turn; what running turns hold need not be asked for
            spent = (stands - await self._book.held(rule.per, rule.period, moment, spender.account(rule.per))).of(rule.measure)
            if spent < share * rule.limit:
                continue
            if rule.per is not Per.ALL:
                text = wording.soon(rule, spent, self._wait(rule), self._settings.warning)
                await self._tell_once("warned", rule, spender, ChatRef(spender.platform, spender.chat_id), text)
            elif self._owner is not None:
                await self._tell_once("warned", rule, None, self._owner, wording.owner_soon(rule, spent, self._currency))

    def _wait(self, rule: Rule) -> float:
        now = self._saying.clock.now()
        return (self._calendar.next(rule.period, now) - now).total_seconds()

    async def _tell_once(self, what: str, rule: Rule, spender: Spender | None, chat: ChatRef, text: str) -> None:
        if not await self._mark(what, rule, spender):
            return
        try:
            await self._saying.notifier.send(chat, text, Purpose.NOTICE)
        except ParachuteError as error:
            problem = {"platform": chat.platform, "chat_id": chat.chat_id, "error": type(error).__name__}
            self._saying.logger.warning("nobody could be told of a budget", extra=problem)
            await self._unmark(what, rule, spender)

    async def _mark(self, what: str, rule: Rule, spender: Spender | None) -> bool:
        """Note that it is said now. False: it was said before."""
        async with self._saying.store.transaction() as transaction:
            return bool(await transaction.execute(table.TELL, self._key(what, rule, spender)))

    async def _unmark(self, what: str, rule: Rule, spender: Spender | None) -> None:
        async with self._saying.store.transaction() as transaction:
            await transaction.execute(table.UNTELL, self._key(what, rule, spender))

    def _key(self, what: str, rule: Rule, spender: Spender | None) -> dict[str, object]:
        start = self._calendar.at(self._saying.clock.now()).of(rule.period)
        key = {"start": start, "what": what, "rule": rule.name, "platform": "", "chat_id": "", "user_id": ""}
        if spender is not None:
            key |= {"platform": spender.platform, "chat_id": spender.chat_id}
            # Of a user's budget each user of a group is told, of the others the chat.
            key |= {"user_id": spender.user_id} if rule.per is Per.USER else {}
        return dict(key)
