"""The plugin's keys in `bots.yaml`."""

from collections.abc import Mapping
from string import Formatter
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

from parachute_ratelimit.layers import Per, Rule
from parachute_ratelimit.wording import DEFAULT_MESSAGE, PLACEHOLDERS

Limit = Annotated[int, Field(ge=1, le=10_000, strict=True)]
Window = Annotated[float, Field(gt=0, le=86_400, strict=True, allow_inf_nan=False)]
Cap = Annotated[int, Field(ge=1, le=10_000, strict=True)]
UserId = Annotated[
    str,
    BeforeValidator(lambda raw: str(raw) if type(raw) is int else raw),
    StringConstraints(pattern=r"^[^@\s]\S*$|^@[^:\s]+:\S+$", max_length=255),  # an @name can change hands; a Matrix id names a server
]


class LimitSettings(BaseModel):
    """One layer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per: Literal["chat", "user", "platform", "all"]
    """Whose messages are counted together."""
    limit: Limit
    """Messages in any `window` seconds."""
    window: Window = 60.0
    """Seconds after which a message no longer counts."""


class TurnSettings(BaseModel):
    """How many answers may be in the making at once."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_user: Cap | None = None
    """Of one user, in all chats of the platform; None: no cap."""
    overall: Cap | None = None
    """Of the whole bot; None: no cap."""
    when_full: Literal["queue", "refuse"] = "queue"
    """`queue`: a turn waits until it fits, first come first served. `refuse`: it is refused, and its sender reads so."""

    @model_validator(mode="after")
    def _caps_something(self) -> "TurnSettings":
        if self.per_user is None and self.overall is None:
            raise ValueError("give per_user, overall, or both")
        return self


class Settings(BaseModel):
    """What `plugins: ratelimit:` may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: Limit = 10
    """Messages that one chat may send in any `window` seconds."""
    window: Window = 60.0
    """Seconds after which a message no longer counts."""
    limits: tuple[LimitSettings, ...] = Field(default=(), max_length=16)
    """Layers in place of `limit` and `window`; a message needs a token of each."""
    exempt: Mapping[str, tuple[UserId, ...]] = Field(default_factory=dict)
    """By platform, ids of users who are never limited and count for no layer."""
    max_turns: TurnSettings | None = None
    """None: no cap."""
    message: str = Field(default=DEFAULT_MESSAGE, min_length=1, max_length=1000)
    """What a chat over its limit reads; `{wait}` becomes the time to wait in words, `{who}` whose limit it is."""
    notify: Literal["once", "always"] = "once"
    """`once`: answer the first refused message, then keep silent until one is admitted. `always`: answer each."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The layers in force."""
        if self.limits:
            return tuple(Rule(Per(one.per), one.limit, one.window) for one in self.limits)
        return (Rule(Per.CHAT, self.limit, self.window),)

    @field_validator("message")
    @classmethod
    def _only_placeholders(cls, template: str) -> str:
        try:
            fields = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(template) if name is not None]
        except ValueError as error:
            raise ValueError(f"{error}; write a literal brace twice: {{{{ or }}}}") from None
        for name, spec, conversion in fields:
            if name not in PLACEHOLDERS or spec or conversion:
                raise ValueError(f"{{{name}}} cannot be filled in; the placeholders are {{wait}} and {{who}}")
        return template

    @model_validator(mode="after")
    def _one_way(self) -> "Settings":
        both = sorted({"limit", "window"} & self.model_fields_set)
        if "limits" in self.model_fields_set:
            if both:
                raise ValueError(
                    f"{' and '.join(both)} cannot stand beside limits: write them as a layer, - {{per: chat, limit: 10, window: 60}}"
                )
            if not self.limits:
                raise ValueError("limits: give at least one layer, or leave it out for the limit of each chat")
        return self
