"""What is counted: turns, tokens, money. Exact: money is whole billionths of the currency's unit."""

from collections.abc import Mapping
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
    """Of a million tokens of one model, in millionths of the currency's unit."""

    input: int
    output: int
    cached: int
    cache_write: int

    @property
    def dearest(self) -> int:
        """The highest of the prices of what is read and written, the cache's surcharge left out."""
        return max(self.input, self.output, self.cached)

    def cost(self, usage: Usage) -> int:
        """Billionths, rounded up."""
        return _rounded(
            usage.input_tokens * self.input
            + usage.output_tokens * self.output
            + usage.cached_tokens * self.cached
            + usage.cache_write_tokens * self.cache_write
        )


@dataclass(frozen=True, slots=True)
class PriceList:
    """Of all models: those that are named, and whichever else."""

    models: Mapping[str, Prices]
    others: Prices | None
    """Of every model that is not named in `models`; None: nobody knows, so they cost the most that any does."""

    @property
    def dearest(self) -> int:
        """The highest price of any model for what is read and written, the cache's surcharge left out."""
        return self._most.dearest

    def cost(self, usage: Usage) -> int:
        """Billionths, rounded up. Where it is not known which model it was, the dearest of all."""
        if usage.model is None:
            return self._most.cost(usage)
        return self.models.get(usage.model, self.others or self._most).cost(usage)

    def most(self, tokens: int) -> int:
        """What so many tokens cost at the dearest price of reading or writing; putting them into a cache may cost more."""
        return _rounded(tokens * self.dearest)

    @property
    def _most(self) -> Prices:
        every = [*self.models.values(), *([self.others] if self.others else [])]
        return Prices(
            max(one.input for one in every),
            max(one.output for one in every),
            max(one.cached for one in every),
            max(one.cache_write for one in every),
        )


def nano(money: Decimal) -> int:
    """An amount of money, with at most six decimals, in billionths."""
    return int(money * NANO)


def tokens_of(usage: Usage) -> int:
    """All tokens: read, read from the cache, put into it, and written."""
    return usage.input_tokens + usage.output_tokens + usage.cached_tokens + usage.cache_write_tokens


def _rounded(millionths_of_millionths: int) -> int:
    return -(-millionths_of_millionths // 1000)
