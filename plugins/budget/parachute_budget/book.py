"""The one writer of what is spent. Each change is one transaction: a turn is reserved, charged and given back once, or not at all."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from parachute_budget import table
from parachute_budget.amount import NOTHING, Amount, PriceList, tokens_of
from parachute_budget.calendar import Calendar, Moment, Period
from parachute_budget.rules import Per, Rule, Spender, Spent, first_full
from parachute_core import Clock, PluginStore, Row, Transaction, TurnEnd, TurnReport, Usage

Key = dict[str, object]


@dataclass(frozen=True, slots=True)
class Terms:
    """What turns are charged by."""

    rules: Sequence[Rule]
    reserve: Amount
    """What a turn is taken to cost until it is known; one turn."""
    prices: PriceList | None
    """None: money is not counted."""


class Book:
    """Reads and writes the accounts. Everything raises `StoreError`."""

    def __init__(self, store: PluginStore, clock: Clock, calendar: Calendar, terms: Terms) -> None:
        self._store = store
        self._clock = clock
        self._calendar = calendar
        self._terms = terms
        self._tidied: str | None = None

    async def open(self) -> None:
        """Make the tables, and settle the turns that ran when the last process died: they stay charged with what they held."""
        await self._store.migrate(table.MIGRATIONS)
        async with self._store.transaction() as transaction:
            await transaction.execute(table.END_ALL)

    async def full(self, spender: Spender) -> Rule | None:
        """The budget that has no room for one more turn at this moment, or None. Changes nothing."""
        moment = self._calendar.at(self._clock.now())
        return first_full(self._terms.rules, await self.spent(spender, moment), self._terms.reserve)

    async def reserve(self, turn: TurnReport) -> Rule | None:
        """Charge a turn that begins with its reserve: None. Or the budget that has no room for it, and nothing is charged."""
        spender = spender_of(turn)
        moment = self._calendar.at(self._clock.now())
        async with self._store.transaction() as transaction:
            await self._tidy(transaction, moment)
            row = await transaction.fetch_one(table.FIND, {"number": turn.number})
            # One that was begun before, in a process that died or stopped, is no second turn; its tokens are spent twice.
            counted = row is not None and bool(row["counted"] or row["running"])
            hold = Amount(0 if counted else 1, self._terms.reserve.tokens, self._terms.reserve.cost)
            accounts = _accounts(spender, moment)
            rule = first_full(self._terms.rules, _spent(await transaction.fetch_all(table.SPENT, accounts)), hold)
            if rule is None:
                await transaction.execute(table.ADD, {**accounts, **asdict(hold)})
                await transaction.execute(table.BEGIN, {**accounts, **asdict(hold), "number": turn.number, "counted": int(counted)})
        return rule

    async def used(self, turn: TurnReport) -> None:
        """The turn told what it used: it holds that now, where it is more than its reserve."""
        if turn.usage is None:
            return
        async with self._store.transaction() as transaction:
            row = await self._running(transaction, turn.number)
            if row is None:
                return
            told = Amount(0, row["told_tokens"], row["told_cost"]) + self._amount(turn.usage)
            held = Amount(row["turns"], row["tokens"], row["cost"])
            holds = held.at_least(told)
            await transaction.execute(table.ADD, {**_accounts_of(row), **asdict(holds - held)})
            changed = {"tokens": holds.tokens, "cost": holds.cost, "told_tokens": told.tokens, "told_cost": told.cost}
            await transaction.execute(table.HOLD, {"number": turn.number, **changed})

    async def settle(self, turn: TurnReport) -> bool:
        """Charge a turn that has ended with what it cost. False: it was not running, and nothing is changed."""
        async with self._store.transaction() as transaction:
            row = await self._running(transaction, turn.number)
            if row is None:
                return False
            held = Amount(row["turns"], row["tokens"], row["cost"])
            charge = self._charge(turn, held)
            counted = row["counted"] or charge.turns
            await transaction.execute(table.ADD, {**_accounts_of(row), **asdict(charge - held)})
            await transaction.execute(table.END, {"number": turn.number, "counted": counted})
        return True

    async def spent(self, spender: Spender, moment: Moment) -> Spent:
        """What somebody's accounts stand at, what running turns hold included."""
        return _spent(await self._store.fetch_all(table.SPENT, _accounts(spender, moment)))

    async def held(self, per: Per, period: Period, moment: Moment, account: tuple[str, str]) -> Amount:
        """What the running turns of an account hold."""
        platform, account_id = account
        key = {"per": per.value, "period": period.value, "start": moment.of(period), "platform": platform, "id": account_id}
        row = await self._store.fetch_one(table.HELD, key)
        return NOTHING if row is None else _amount_of(row)

    async def largest(self, rule: Rule, moment: Moment, most: int) -> list[tuple[tuple[str, str], Amount]]:
        """The accounts of a rule that most is spent of, what running turns hold included."""
        key = {"per": rule.per.value, "period": rule.period.value, "start": moment.of(rule.period), "measure": rule.measure.value}
        rows = await self._store.fetch_all(table.LARGEST, {**key, "most": most})
        return [((row["platform"], row["id"]), _amount_of(row)) for row in rows]

    async def _running(self, transaction: Transaction, number: int) -> Row | None:
        row = await transaction.fetch_one(table.FIND, {"number": number})
        return row if row is not None and row["running"] else None

    async def _tidy(self, transaction: Transaction, moment: Moment) -> None:
        """Once a day, forget what nobody asks for any more."""
        if self._tidied != moment.day:
            for purge in table.PURGES:
                await transaction.execute(purge, {"day": moment.day, "month": moment.month})
            self._tidied = moment.day

    def _charge(self, turn: TurnReport, held: Amount) -> Amount:
        """What a turn costs in the end. One that broke off may have used more than it told: then its reserve is the least."""
        if turn.usage is None and (not turn.asked or turn.end is TurnEnd.UNAVAILABLE):
            return NOTHING
        if turn.usage is None or turn.end is not TurnEnd.ANSWERED:
            return held
        return Amount(held.turns) + self._amount(turn.usage)

    def _amount(self, usage: Usage) -> Amount:
        return Amount(0, tokens_of(usage), self._terms.prices.cost(usage) if self._terms.prices else 0)


def spender_of(turn: TurnReport) -> Spender:
    """Who a turn is charged to."""
    return Spender(turn.platform, turn.chat_id, turn.user_id)


def _accounts(spender: Spender, moment: Moment) -> Key:
    return {**asdict(spender), **asdict(moment)}


def _accounts_of(row: Row) -> Key:
    """The accounts of a turn: those of the day on which it began, whatever the clock says since."""
    return {name: row[name] for name in ("platform", "chat_id", "user_id", "day", "month")}


def _spent(rows: Sequence[Row]) -> Spent:
    return {(Per(row["per"]), Period(row["period"])): _amount_of(row) for row in rows}


def _amount_of(row: Row) -> Amount:
    return Amount(row["turns"], row["tokens"], row["cost"])
