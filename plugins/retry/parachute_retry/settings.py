"""The plugin's keys in `bots.yaml`."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Seconds = Annotated[float, Field(ge=0, le=3600, strict=True, allow_inf_nan=False)]


class Settings(BaseModel):
    """What `plugins: retry:` may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    waits: tuple[Seconds, ...] = Field(default=(1.0, 2.0, 4.0), max_length=20)
    """Seconds to wait before each retry; as many retries as there are waits."""
    jitter: float = Field(default=0.0, ge=0, le=1, strict=True, allow_inf_nan=False)
    """The largest part of a wait that is added to it at random: with 0.5, a wait of 2 s becomes 2 to 3 s."""
    max_wait: Seconds = 60.0
    """The longest wait, in seconds, that a reply is held up for. When the platform asks for more, the send fails at once."""

    @model_validator(mode="after")
    def _waits_can_be_waited(self) -> "Settings":
        if self.waits and max(self.waits) > self.max_wait:
            raise ValueError(f"waits: {max(self.waits):g} is longer than max_wait ({self.max_wait:g}), so it would never be waited")
        return self
