"""What is spent, over HTTP, below `/api`; the admin API's authentication stands in front of it."""

from typing import Any

from quart import Blueprint

from parachute_budget.amount import NANO, NOTHING, Amount, Measure
from parachute_budget.book import Book
from parachute_budget.calendar import Calendar, Moment
from parachute_budget.openapi import OPENAPI
from parachute_budget.rules import Per, Rule
from parachute_budget.settings import Settings
from parachute_core import Clock

MOST = 100
"""Accounts that are listed of each budget."""


class BudgetRoutes(Blueprint):
    """A blueprint with its description."""

    openapi = OPENAPI


def make_blueprint(book: Book, calendar: Calendar, clock: Clock, settings: Settings) -> Blueprint:
    """`GET /budget`, relative to `/api`."""
    blueprint = BudgetRoutes("budget", __name__, url_prefix="/budget")

    @blueprint.get("")
    async def budget() -> dict[str, Any]:
        now = clock.now()
        moment = calendar.at(now)
        return {
            "timezone": settings.timezone,
            "currency": settings.prices.currency if settings.prices else None,
            "budgets": [
                {
                    "per": rule.per.value,
                    "period": rule.period.value,
                    "measure": rule.measure.value,
                    "limit": _number(rule.measure, rule.limit),
                    "start": moment.of(rule.period),
                    "next_start": calendar.next(rule.period, now).isoformat(),
                    "accounts": await _accounts(book, rule, moment),
                }
                for rule in settings.rules
            ],
        }

    return blueprint


async def _accounts(book: Book, rule: Rule, moment: Moment) -> list[dict[str, Any]]:
    listed = await book.largest(rule, moment, MOST)
    if rule.per is Per.ALL and not listed:
        listed = [(("", ""), NOTHING)]
    return [_account(rule, key, spent, await book.held(rule.per, rule.period, moment, key)) for key, spent in listed]


def _account(rule: Rule, key: tuple[str, str], spent: Amount, held: Amount) -> dict[str, Any]:
    platform, account = key
    return {
        "platform": platform or None,
        "id": account or None,
        "spent": _number(rule.measure, max(0, (spent - held).of(rule.measure))),
        "reserved": _number(rule.measure, held.of(rule.measure)),
    }


def _number(measure: Measure, value: int) -> int | float:
    """As clients read it: money in whole units of the currency."""
    return value / NANO if measure is Measure.MONEY else value
