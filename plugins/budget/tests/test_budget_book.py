"""The book against an oracle: any history of turns, days and crashes, and two hundred turns at once."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from parachute_budget.amount import Amount, Measure, PriceList, Prices
from parachute_budget.book import Book, Terms
from parachute_budget.calendar import Calendar, Period
from parachute_budget.rules import Per, Rule, Spender

from parachute_core import PluginStore, TurnEnd, TurnReport, TurnStage, Usage
from parachute_core.testing import FakeClock, running_bot

RULES = (
    Rule(Per.USER, Period.DAY, Measure.TURNS, 3),
    Rule(Per.CHAT, Period.DAY, Measure.TOKENS, 500),
    Rule(Per.ALL, Period.MONTH, Measure.TURNS, 12),
    Rule(Per.ALL, Period.DAY, Measure.MONEY, 2_000_000),
)
PRICES = PriceList({}, Prices(1_000_000, 3_000_000, 100_000, 1_250_000))
TERMS = Terms(RULES, Amount(1, 100, PRICES.most(100)), PRICES)


@dataclass
class Line:
    """A turn as the oracle knows it."""

    report: TurnReport
    day: str
    hold: Amount
    told: Amount = field(default_factory=Amount)
    usages: list[Usage] = field(default_factory=list)
    charge: Amount | None = None
    """None: it runs."""

    @property
    def stands(self) -> Amount:
        return self.charge if self.charge is not None else self.hold.at_least(self.told)


class Oracle:
    """Adds up everything anew at each question."""

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def spent(self, rule: Rule, report: TurnReport, day: str) -> int:
        def mine(line: Line) -> bool:
            same_time = line.day == day if rule.period is Period.DAY else line.day[:7] == day[:7]
            who = {Per.USER: line.report.user_id == report.user_id, Per.CHAT: line.report.chat_id == report.chat_id, Per.ALL: True}
            return same_time and who[rule.per]

        return sum(line.stands.of(rule.measure) for line in self.lines if mine(line))

    def begin(self, report: TurnReport, day: str) -> bool:
        counted = any(line.report.number == report.number and line.stands.turns for line in self.lines)
        hold = replace(TERMS.reserve, turns=0 if counted else 1)
        if any(self.spent(rule, report, day) + hold.of(rule.measure) > rule.limit for rule in RULES):
            return False
        self.lines.append(Line(report, day, hold))
        return True

    @property
    def running(self) -> list[Line]:
        return [line for line in self.lines if line.charge is None]

    def crash(self) -> None:
        for line in self.running:
            line.charge = line.stands


def amount(*usages: Usage) -> Amount:
    tokens = sum(one.input_tokens + one.output_tokens + one.cached_tokens for one in usages)
    return Amount(0, tokens, sum(PRICES.cost(one) for one in usages))


USAGES = st.builds(Usage, st.integers(0, 200), st.integers(0, 50), st.integers(0, 50))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("begin"), st.sampled_from("abc"), st.sampled_from("xy")),
        st.tuples(st.just("use"), st.integers(0, 5), USAGES),
        st.tuples(st.just("end"), st.integers(0, 5), st.sampled_from(TurnEnd), st.booleans()),
        st.tuples(st.just("crash")),
        st.tuples(st.just("again"), st.integers(0, 20)),
        st.tuples(st.just("clock"), st.integers(-40, 40)),
    ),
    max_size=40,
)


@asynccontextmanager
async def storing(clock: FakeClock) -> Any:
    """The real store, of a bot without the plugin."""
    async with running_bot(clock=clock) as bot:
        yield bot.runtime.store.plugin_store("budget")


async def opened(store: PluginStore, clock: FakeClock, terms: Terms = TERMS) -> Book:
    book = Book(store, clock, Calendar(UTC), terms)
    await book.open()
    return book


def turn(number: int, clock: FakeClock, user: str, chat: str) -> TurnReport:
    return TurnReport(TurnStage.BEGUN, number, "telegram", chat, user, "s", clock.now())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_agrees_with_the_oracle_on_any_history(steps: Sequence[tuple[Any, ...]]) -> None:
    asyncio.run(_history(steps))


async def _history(steps: Sequence[tuple[Any, ...]]) -> None:
    clock, oracle, number = FakeClock(), Oracle(), 0
    async with storing(clock) as store:
        book = await opened(store, clock)
        for step in steps:
            day = f"{clock.now():%Y-%m-%d}"
            running = oracle.running
            if step[0] == "begin":
                number += 1
                report = turn(number, clock, step[1], step[2])
                assert (await book.reserve(report) is None) is oracle.begin(report, day)
            elif step[0] == "use" and running:
                line = running[step[1] % len(running)]
                line.usages.append(step[2])
                line.told += amount(step[2])
                await book.used(replace(line.report, stage=TurnStage.USAGE, usage=step[2], asked=True))
            elif step[0] == "end" and running:
                line = running[step[1] % len(running)]
                await _end(book, line, step[2], step[3])
            elif step[0] == "crash":
                oracle.crash()
                book = await opened(store, clock)
            elif step[0] == "again" and oracle.lines:
                line = oracle.lines[step[1] % len(oracle.lines)]
                if line.report.number not in {one.report.number for one in running}:
                    report = replace(line.report, tries=line.report.tries + 1)
                    assert (await book.reserve(report) is None) is oracle.begin(report, day)
            elif step[0] == "clock":
                clock.jump_wall(step[1] * 86400)
        oracle.crash()
        await opened(store, clock)
        await _same(store, oracle)


async def _end(book: Book, line: Line, end: TurnEnd, asked: bool) -> None:
    usage = None
    if line.usages:
        usage = Usage(*(sum(getattr(one, name) for one in line.usages) for name in ("input_tokens", "output_tokens", "cached_tokens")))
    asked = asked or usage is not None
    if usage is None and (not asked or end is TurnEnd.UNAVAILABLE):
        charge = Amount()
    elif usage is None or end is not TurnEnd.ANSWERED:
        charge = line.stands
    else:
        charge = Amount(line.hold.turns) + amount(usage)
    report = replace(line.report, stage=TurnStage.ENDED, usage=usage, end=end, asked=asked)
    assert await book.settle(report)
    assert not await book.settle(report), "a turn was charged twice"
    line.charge = charge


async def _same(store: PluginStore, oracle: Oracle) -> None:
    rows = await store.fetch_all("SELECT * FROM budget_spent")
    for row in rows:
        line_of = [
            line
            for line in oracle.lines
            if line.day.startswith(row["start"])
            and {"user": line.report.user_id, "chat": line.report.chat_id, "all": ""}[row["per"]] == row["id"]
        ]
        assert (row["turns"], row["tokens"]) == (sum(one.stands.turns for one in line_of), sum(one.stands.tokens for one in line_of))
        assert row["cost"] == pytest.approx(sum(one.stands.cost for one in line_of), abs=len(line_of))
    assert sum(row["turns"] for row in rows if row["per"] == "all" and row["period"] == "day") == sum(
        line.stands.turns for line in oracle.lines
    )


@pytest.mark.parametrize("seed", range(4))
async def test_two_hundred_turns_at_once_with_crashes_never_overspend(seed: int) -> None:
    chance, clock = random.Random(seed), FakeClock()
    limit = 5000
    terms = Terms((Rule(Per.ALL, Period.DAY, Measure.TOKENS, limit), Rule(Per.USER, Period.DAY, Measure.TURNS, 4)), Amount(1, 100, 0), None)
    admitted: set[int] = set()
    async with storing(clock) as store:
        for life in range(4):
            book = await opened(store, clock, terms)
            dies = asyncio.Event()

            async def live(number: int, book: Book = book, dies: asyncio.Event = dies) -> None:
                report = turn(number, clock, f"u{number % 30}", f"c{number}")
                if await book.reserve(report) is not None:
                    return
                admitted.add(number)
                for _ in range(chance.randrange(3)):
                    if dies.is_set():
                        return
                    usage = Usage(chance.randrange(25), chance.randrange(25))
                    await book.used(replace(report, stage=TurnStage.USAGE, usage=usage))
                if chance.random() < 0.2:
                    dies.set()
                if not dies.is_set():
                    whole = Usage(chance.randrange(50), chance.randrange(50))
                    await book.settle(replace(report, stage=TurnStage.ENDED, usage=whole, end=TurnEnd.ANSWERED, asked=True))

            await asyncio.gather(*(live(200 * life + number) for number in range(200)))
        await opened(store, clock, terms)
        (everything,) = await store.fetch_all("SELECT turns, tokens FROM budget_spent WHERE per = 'all' AND period = 'day'")
        assert everything["tokens"] <= limit
        assert everything["turns"] == len(admitted) > 0
        users = await store.fetch_all("SELECT turns FROM budget_spent WHERE per = 'user' AND period = 'day'")
        assert max(row["turns"] for row in users) <= 4
        assert not await store.fetch_all("SELECT 1 FROM budget_turns WHERE running = 1")


async def test_what_nobody_asks_for_any_more_is_forgotten_and_today_never_is() -> None:
    clock = FakeClock()
    async with storing(clock) as store:
        book = await opened(store, clock)
        await book.reserve(turn(1, clock, "a", "x"))
        for number in range(2, 200):
            clock.jump_wall(86400)
            await book.reserve(turn(number, clock, "a", "x"))
        rows = await store.fetch_all("SELECT DISTINCT start FROM budget_spent WHERE period = 'day' ORDER BY start")
        assert 62 <= len(rows) <= 63
        clock.jump_wall(-300 * 86400)  # before all that is remembered
        await book.reserve(turn(300, clock, "b", "y"))
        clock.jump_wall(86400)
        clock.jump_wall(-86400)
        book = await opened(store, clock)
        await book.reserve(turn(301, clock, "b", "y"))
        spent = await book.spent(Spender("telegram", "y", "b"), Calendar(UTC).at(clock.now()))
        assert spent[Per.USER, Period.DAY] == Amount(2, 200, 600_000)
