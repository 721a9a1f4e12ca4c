"""What is said of budgets."""

from math import ceil
from string import Formatter

from parachute_budget.amount import NANO, Measure
from parachute_budget.calendar import Period
from parachute_budget.rules import Per, Rule

HOUR = 3600
DAY = 24 * HOUR

PLACEHOLDERS = ("period", "percent", "wait", "who")
"""What a text may have filled in."""

USED_UP = {
    Per.USER: "You have used up what there is for you {period} — please try again in {wait}.",
    Per.CHAT: "This chat has used up what there is for it {period} — please try again in {wait}.",
    Per.ALL: "I have used up what I may spend {period} — please try again in {wait}.",
}
SOON = {
    Per.USER: "You have used {percent} % of what there is for you {period}.",
    Per.CHAT: "This chat has used {percent} % of what there is for it {period}.",
    Per.ALL: "",  # the owner alone is warned
}
NOT_NOW = "I cannot look up what I may still spend, so I cannot answer — please try again later."
"""For a turn that cannot be reserved."""
WHEN = {Period.DAY: "today", Period.MONTH: "this month"}
WHO = {Per.USER: "you", Per.CHAT: "this chat", Per.ALL: "everybody"}


def used_up(rule: Rule, wait: float, message: str | None) -> str:
    """What is read at the end of a budget that begins anew in `wait` seconds."""
    return (message or USED_UP[rule.per]).format(period=WHEN[rule.period], percent=100, wait=in_words(wait), who=WHO[rule.per])


def soon(rule: Rule, spent: int, wait: float, warning: str | None) -> str:
    """What is read when much of a budget is spent."""
    percent = min(100, 100 * spent // rule.limit)
    return (warning or SOON[rule.per]).format(period=WHEN[rule.period], percent=percent, wait=in_words(wait), who=WHO[rule.per])


def for_owner(rule: Rule, platform: str, spender: str, currency: str) -> str:
    """What the owner reads at the end of a budget; of the budgets of single users and chats for the first of a period alone."""
    limit = f"{amount(rule.measure, rule.limit, currency)} a {rule.period}"
    if rule.per is Per.ALL:
        return f"The budget of the whole bot is used up: {limit}. Nobody is answered until it begins anew."
    return (
        f"The {rule.per} {spender} on {platform} has used up a budget: {limit} for each {rule.per}. "
        f"Should others do so, you are not told again this {rule.period}."
    )


def owner_soon(rule: Rule, spent: int, currency: str) -> str:
    """What the owner reads when much of the whole bot's budget is spent."""
    percent = min(100, 100 * spent // rule.limit)
    return f"{percent} % of the budget of the whole bot is spent: {amount(rule.measure, rule.limit, currency)} a {rule.period}."


def amount(measure: Measure, value: int, currency: str) -> str:
    """`20 turns`, `1 token`, `1.50 USD`."""
    if measure is Measure.MONEY:
        return f"{value / NANO:.2f} {currency}"
    return f"{value} {measure.value.removesuffix('s')}" if value == 1 else f"{value} {measure}"


def in_words(seconds: float) -> str:
    """`50 minutes`, `5 hours`, `12 days`: rounded up, so that who waits that long is let in."""
    if seconds <= HOUR:
        return _count(max(1, ceil(seconds / 60)), "minute")
    if seconds <= 2 * DAY:
        return _count(ceil(seconds / HOUR), "hour")
    return _count(ceil(seconds / DAY), "day")


def placeholder_fault(template: str) -> str | None:
    """What is wrong with an owner's text, or None."""
    try:
        fields = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(template) if name is not None]
    except ValueError as error:
        return f"{error}; write a literal brace twice: {{{{ or }}}}"
    for name, spec, conversion in fields:
        if name not in PLACEHOLDERS or spec or conversion:
            return f"{{{name}}} cannot be filled in; the placeholders are {', '.join(f'{{{one}}}' for one in PLACEHOLDERS)}"
    return None


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
