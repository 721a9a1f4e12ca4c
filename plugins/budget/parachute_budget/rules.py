"""The rule: does one more turn fit? Nothing here waits, stores or knows the time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from parachute_budget.amount import NOTHING, Amount, Measure
from parachute_budget.calendar import Period


class Per(StrEnum):
    """Whose spending a budget counts together."""

    USER = "user"
    """In all chats of the platform."""
    CHAT = "chat"
    """Whoever writes in it."""
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `limit` of `measure` in a period; money in billionths."""

    per: Per
    period: Period
    measure: Measure
    limit: int

    @property
    def name(self) -> str:
        """`user/day/turns`: no two rules have the same."""
        return f"{self.per}/{self.period}/{self.measure}"


@dataclass(frozen=True, slots=True)
class Spender:
    """Who a turn is charged to."""

    platform: str
    chat_id: str
    user_id: str

    def account(self, per: Per) -> tuple[str, str]:
        """Platform and id of the account that counts it; both empty for the one of all."""
        if per is Per.ALL:
            return "", ""
        return self.platform, self.user_id if per is Per.USER else self.chat_id


Spent = Mapping[tuple[Per, Period], Amount]
"""What one spender's accounts stand at; one that is missing is untouched."""


def first_full(rules: Iterable[Rule], spent: Spent, more: Amount) -> Rule | None:
    """The rule that has no room for `more`, or None; of several the one of the longest period and most people."""
    order = {Per.USER: 0, Per.CHAT: 1, Per.ALL: 2}
    full = [rule for rule in rules if spent.get((rule.per, rule.period), NOTHING).of(rule.measure) + more.of(rule.measure) > rule.limit]
    return max(full, key=lambda rule: (rule.period is Period.MONTH, order[rule.per]), default=None)
