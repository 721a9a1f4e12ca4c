"""What may stand in `bots.yaml`."""

from typing import Any

import pytest
from parachute_budget.amount import Amount, Measure
from parachute_budget.calendar import Period
from parachute_budget.rules import Per, Rule
from parachute_budget.settings import Settings
from pydantic import ValidationError

DAY = {"per": "user", "period": "day"}
PRICES = {"input": 3.0, "output": 15.0}


def test_by_default_each_user_has_two_hundred_turns_a_day() -> None:
    assert Settings().rules == (Rule(Per.USER, Period.DAY, Measure.TURNS, 200),)
    assert Settings().reserve == Amount(1, 0, 0)


def test_an_empty_list_limits_nothing() -> None:
    assert Settings.model_validate({"budgets": []}).rules == ()


def test_all_kinds_of_budgets() -> None:
    settings = Settings.model_validate(
        {
            "budgets": [
                {**DAY, "turns": 5},
                {"per": "chat", "period": "month", "tokens": 9000},
                {"per": "all", "period": "day", "money": 0.1},
            ],
            "prices": {**PRICES, "currency": "EUR"},
            "reserve_tokens": 1000,
            "timezone": "Europe/Berlin",
            "exempt": {"telegram": [5], "matrix": ["@me:example.org"]},
        }
    )
    assert settings.rules == (
        Rule(Per.USER, Period.DAY, Measure.TURNS, 5),
        Rule(Per.CHAT, Period.MONTH, Measure.TOKENS, 9000),
        Rule(Per.ALL, Period.DAY, Measure.MONEY, 100_000_000),
    )
    assert settings.reserve == Amount(1, 1000, 15_000_000)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"budgts": []}, "Extra inputs"),
        ({"budgets": [{**DAY, "turns": 5, "tokens": 5000}]}, "exactly one of turns, tokens and money"),
        ({"budgets": [DAY]}, "exactly one of turns, tokens and money"),
        ({"budgets": [{**DAY, "turns": 0}]}, "greater than or equal to 1"),
        ({"budgets": [{**DAY, "turns": True}]}, "valid integer"),
        ({"budgets": [{**DAY, "turns": 2}, {**DAY, "turns": 3}]}, "more than one of the kind user/day/turns"),
        ({"budgets": [{"per": "week", "period": "day", "turns": 3}]}, "'user', 'chat' or 'all'"),
        ({"budgets": [{**DAY, "tokens": 3999}]}, "user/day/tokens is less than reserve_tokens"),
        ({"budgets": [{**DAY, "money": 1.5}]}, "money needs prices"),
        ({"budgets": [{**DAY, "money": 1.5}], "prices": {"input": 0, "output": 0}}, "money needs prices"),
        ({"budgets": [{**DAY, "money": 0.05}], "prices": PRICES}, "user/day/money is less than reserve_tokens"),
        ({"budgets": [{**DAY, "money": True}], "prices": PRICES}, "a number was expected"),
        ({"budgets": [{**DAY, "money": float("nan")}], "prices": PRICES}, "finite number"),
        ({"budgets": [{**DAY, "money": 1.2345678}], "prices": PRICES}, "6 decimal places"),
        ({"prices": {"input": -1, "output": 1}}, "greater than or equal to 0"),
        ({"prices": {"input": 1}}, "give input and output, or models with theirs"),
        ({"prices": {}}, "give input and output, or models with theirs"),
        ({"prices": {"cached": 1, "models": {"m": PRICES}}}, "give input and output, or models with theirs"),
        ({"prices": {"models": {"m": {"input": 1}}}}, "Field required"),
        ({"prices": {"models": {"": PRICES}}}, "at least 1 character"),
        ({"prices": {"models": {"m": {**PRICES, "currency": "EUR"}}}}, "Extra inputs"),
        (
            {"budgets": [{**DAY, "money": 0.05}], "prices": {"input": 0.1, "output": 0.1, "models": {"m": PRICES}}},
            "user/day/money is less than reserve_tokens",
        ),
        ({"timezone": "Europe/Berlim"}, "there is no such time zone"),
        ({"timezone": "../etc/passwd"}, "there is no such time zone"),
        ({"timezone": "Europe"}, "there is no such time zone"),
        ({"warn_at": 1.0}, "less than 1"),
        ({"exempt": {"telegram": ["@name"]}}, "should match pattern"),
        ({"message": "wait {minutes}"}, "cannot be filled in"),
        ({"warning": "wait {"}, "write a literal brace twice"),
        ({"owner": {"platform": "telegram"}}, "Field required"),
    ],
)
def test_what_is_refused(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        Settings.model_validate(given)
