"""The plugin's keys in `bots.yaml`."""

from string import Formatter
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

DEFAULT_MESSAGE = "You're writing faster than I can answer — please try again in {wait}."


class Settings(BaseModel):
    """What `plugins: ratelimit:` may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    limit: int = Field(default=10, ge=1, le=10_000, strict=True)
    """Messages that one chat may send in any `window` seconds."""
    window: float = Field(default=60.0, gt=0, le=86_400, strict=True, allow_inf_nan=False)
    """Seconds after which a message no longer counts."""
    message: str = Field(default=DEFAULT_MESSAGE, min_length=1, max_length=1000)
    """What a chat over its limit reads; `{wait}` becomes the time to wait in words."""
    notify: Literal["once", "always"] = "once"
    """`once`: answer the first refused message, then keep silent until one is admitted. `always`: answer each."""

    @field_validator("message")
    @classmethod
    def _only_wait(cls, template: str) -> str:
        try:
            fields = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(template) if name is not None]
        except ValueError as error:
            raise ValueError(f"{error}; write a literal brace twice: {{{{ or }}}}") from None
        for name, spec, conversion in fields:
            if name != "wait" or spec or conversion:
                raise ValueError(f"{{{name}}} cannot be filled in; the one placeholder is {{wait}}")
        return template
