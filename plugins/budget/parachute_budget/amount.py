"""What is counted: turns, tokens, money. Exact: money is whole billionths of the currency's unit."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from parachute_core import Usage

NANO = 10**9
"""Billionths in a whole: what money is counted in."""


class Measure(StrEnum):
    """What a budget counts."""

    TURNS = "turns"
    TOKENS = "tokens"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Amount:
    """Some of each; a difference may be below zero."""

    turns: int = 0
    tokens: int = 0
    cost: int = 0
    """Billionths."""

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.turns + other.turns, self.tokens + other.tokens, self.cost + other.cost)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.turns - other.turns, self.tokens - other.tokens, self.cost - other.cost)

    def of(self, measure: Measure) -> int:
        """How much of one."""
        return {Measure.TURNS: self.turns, Measure.TOKENS: self.tokens, Measure.MONEY: self.cost}[measure]

    def at_least(self, other: "Amount") -> "Amount":
        """The larger of both, for each measure."""
        return Amount(max(self.turns, other.turns), max(self.tokens, other.tokens), max(self.cost, other.cost))


NOTHING = Amount()


@dataclass(frozen=True, slots=True)
class Prices:
    """Of a million tokens, in millionths of the currency's unit."""

    input: int
    output: int
    cached: int

    @property
    def dearest(self) -> int:
        """The highest of them."""
        return max(self.input, self.output, self.cached)

    def cost(self, usage: Usage) -> int:
        """Billionths, rounded up."""
        return _rounded(usage.input_tokens * self.input + usage.output_tokens * self.output + usage.cached_tokens * self.cached)

    def most(self, tokens: int) -> int:
        """What so many tokens cost at most, whichever they are."""
        return _rounded(tokens * self.dearest)


def nano(money: Decimal) -> int:
    """An amount of money, with at most six decimals, in billionths."""
    return int(money * NANO)


def tokens_of(usage: Usage) -> int:
    """All tokens: read, read from the cache, and written."""
    return usage.input_tokens + usage.output_tokens + usage.cached_tokens


def _rounded(millionths_of_millionths: int) -> int:
    return -(-millionths_of_millionths // 1000)
