"""The plugin's keys in `bots.yaml`."""

from collections.abc import Mapping
from datetime import UTC, tzinfo
from decimal import Decimal
from math import ceil
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

from parachute_budget.amount import Amount, Measure, PriceList, Prices, nano
from parachute_budget.calendar import Period
from parachute_budget.rules import Per, Rule
from parachute_budget.wording import placeholder_fault

Id = Annotated[
    str,
    BeforeValidator(lambda raw: str(raw) if type(raw) is int else raw),
    StringConstraints(pattern=r"^[^@\s]\S*$|^@[^:\s]+:\S+$", max_length=255),
]
ChatId = Annotated[
    str, BeforeValidator(lambda raw: str(raw) if type(raw) is int else raw), StringConstraints(pattern=r"^\S+$", max_length=255)
]


def _number(raw: object) -> object:
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal):
        raise ValueError("a number was expected")
    return Decimal(str(raw))


SURCHARGE = Decimal("1.25")
"""What putting tokens into the model's cache costs, of the price of reading them."""
Turns = Annotated[int, Field(ge=1, le=10_000_000, strict=True)]
Tokens = Annotated[int, Field(ge=1, le=10**12, strict=True)]
Money = Annotated[Decimal, BeforeValidator(_number), Field(gt=0, le=1_000_000, decimal_places=6)]
Price = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=10_000, decimal_places=6)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class BudgetSettings(BaseModel):
    """One budget."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per: Literal["user", "chat", "all"]
    """Whose spending is counted together."""
    period: Literal["day", "month"]
    turns: Turns | None = None
    tokens: Tokens | None = None
    money: Money | None = None
    """In the currency of `prices`, at most six decimals."""

    @model_validator(mode="after")
    def _one_measure(self) -> "BudgetSettings":
        if sum(one is not None for one in (self.turns, self.tokens, self.money)) != 1:
            raise ValueError("give exactly one of turns, tokens and money; write a budget for each")
        return self

    @property
    def rule(self) -> Rule:
        """The budget as a rule."""
        per, period = Per(self.per), Period(self.period)
        if self.turns is not None:
            return Rule(per, period, Measure.TURNS, self.turns)
        if self.tokens is not None:
            return Rule(per, period, Measure.TOKENS, self.tokens)
        return Rule(per, period, Measure.MONEY, nano(self.money or Decimal()))


class ModelPrices(BaseModel):
    """What a million tokens of a model cost."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Price
    output: Price
    cached: Price | None = None
    """None: as much as `input`."""
    cache_write: Price | None = None
    """None: a quarter more than `input`, as it is with Claude."""

    @property
    def exact(self) -> Prices:
        """In whole millionths."""
        cached = self.input if self.cached is None else self.cached
        written = self.input * SURCHARGE if self.cache_write is None else self.cache_write
        return Prices(*(ceil(one * 10**6) for one in (self.input, self.output, cached, written)))


class PriceSettings(BaseModel):
    """What a million tokens cost, of each model or of any."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Price | None = None
    """Of models that are not in `models`, as are the next three; None: those cost as much as the dearest that is."""
    output: Price | None = None
    cached: Price | None = None
    cache_write: Price | None = None
    models: Mapping[Annotated[str, StringConstraints(min_length=1, max_length=200)], ModelPrices] = Field(default_factory=dict)
    """By the name that the agent's settings have for the model."""
    currency: Annotated[str, StringConstraints(pattern=r"^\S{1,8}$")] = "USD"
    """Shown behind amounts; nothing is converted."""

    @model_validator(mode="after")
    def _whole(self) -> "PriceSettings":
        named = [name for name in ("input", "output", "cached", "cache_write") if getattr(self, name) is not None]
        if (named or not self.models) and (self.input is None or self.output is None):
            raise ValueError("give input and output, or models with theirs, or both")
        return self

    @property
    def exact(self) -> PriceList:
        """In whole millionths."""
        others: Prices | None = None
        if self.input is not None and self.output is not None:
            others = ModelPrices(input=self.input, output=self.output, cached=self.cached, cache_write=self.cache_write).exact
        return PriceList({name: one.exact for name, one in self.models.items()}, others)


class OwnerSettings(BaseModel):
    """Where the owner is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    platform: Annotated[str, StringConstraints(pattern=r"^\S+$", max_length=255)]
    chat_id: ChatId


class Settings(BaseModel):
    """What `plugins: budget:` may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    budgets: tuple[BudgetSettings, ...] = Field(
        default=(BudgetSettings(per="user", period="day", turns=200),), max_length=18, validate_default=False
    )
    """All of them hold. An empty list: nothing is limited."""
    prices: PriceSettings | None = None
    timezone: str = "UTC"
    """The name of the zone, such as `Europe/Berlin`, whose midnights begin days and months."""
    reserve_tokens: Annotated[int, Field(ge=1, le=10_000_000, strict=True)] = 4000
    """What a turn is taken to use until it is known."""
    warn_at: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False, strict=True)] | None = 0.8
    """The share of a budget at which whoever spends it is warned; None: nobody is."""
    exempt: Mapping[str, tuple[Id, ...]] = Field(default_factory=dict)
    """By platform, ids of users who are never limited and count for no budget."""
    owner: OwnerSettings | None = None
    """None: the owner is not told."""
    message: Text | None = None
    """What is read at the end of a budget; None: a sentence for each kind."""
    warning: Text | None = None
    """What is read at `warn_at`; None: a sentence for each kind."""
    notify: Literal["once", "always"] = "once"
    """`once`: answer the first refused message of a period, then keep silent. `always`: answer each."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The budgets in force."""
        return tuple(one.rule for one in self.budgets)

    @property
    def zone(self) -> tzinfo:
        """The time zone."""
        return UTC if self.timezone == "UTC" else ZoneInfo(self.timezone)

    @property
    def reserve(self) -> Amount:
        """What a turn is taken to cost; of tokens and money only what there is a budget for."""
        measures = {rule.measure for rule in self.rules}
        tokens = self.reserve_tokens if measures - {Measure.TURNS} else 0
        cost = self.prices.exact.most(self.reserve_tokens) if self.prices and Measure.MONEY in measures else 0
        return Amount(1, tokens, cost)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            if name != "UTC":
                ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            raise ValueError("there is no such time zone; names are like Europe/Berlin") from None
        return name

    @field_validator("message", "warning")
    @classmethod
    def _only_placeholders(cls, template: str | None) -> str | None:
        fault = placeholder_fault(template or "")
        if fault:
            raise ValueError(fault)
        return template

    @model_validator(mode="after")
    def _fits_together(self) -> "Settings":
        names = [rule.name for rule in self.rules]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"budgets: more than one of the kind {', '.join(twice)}")
        if any(rule.measure is Measure.MONEY for rule in self.rules) and (self.prices is None or not self.prices.exact.dearest):
            raise ValueError("budgets: money needs prices above 0: prices: {input: 3.00, output: 15.00}, of a million tokens")
        for rule in self.rules:
            if rule.limit < self.reserve.of(rule.measure):
                raise ValueError(f"budgets: {rule.name} is less than reserve_tokens, so that no turn would ever fit")
        return self
