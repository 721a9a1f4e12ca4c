"""The plugin's keys in `bots.yaml`."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Unknown(StrEnum):
    """What to do when nobody can tell whether a message has arrived."""

    RESEND = "resend"
    """Send it once more, with a label that says so."""
    HOLD = "hold"
    """Keep it for the owner to decide."""
    DROP = "drop"
    """Give it up."""


Seconds = Annotated[float, Field(ge=0, le=3600, strict=True, allow_inf_nan=False)]
LongSeconds = Annotated[float, Field(ge=1, le=86_400, strict=True, allow_inf_nan=False)]


class Settings(BaseModel):
    """What `plugins: retry:` may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    waits: tuple[Seconds, ...] = Field(default=(1.0, 2.0, 4.0), max_length=20)
    """Seconds to wait before each retry; as many retries as there are waits."""
    jitter: float = Field(default=0.0, ge=0, le=1, strict=True, allow_inf_nan=False)
    """The largest part of a wait that is added to it at random: with 0.5, a wait of 2 s becomes 2 to 3 s."""
    max_wait: Seconds = 60.0
    """The longest wait, in seconds, that is slept through. For longer ones the message is kept, and tried again when they are over."""
    later: tuple[LongSeconds, ...] = Field(default=(15.0, 60.0, 300.0, 900.0, 3600.0), min_length=1, max_length=20)
    """Seconds between the tries of a message that is kept, the last of them over and over."""
    give_up_tries: Annotated[int, Field(ge=1, le=1000, strict=True)] = 8
    """A message is given up once it was tried so often and is as old as `give_up_after`, never before both."""
    give_up_after: Annotated[float, Field(ge=0, le=30 * 86_400, strict=True, allow_inf_nan=False)] = 6 * 3600.0
    """Seconds."""
    ambiguous: Unknown = Unknown.RESEND
    """What becomes of a new message that may have arrived, where the platform cannot recognise a repetition."""

    @model_validator(mode="after")
    def _waits_can_be_waited(self) -> "Settings":
        if self.waits and max(self.waits) > self.max_wait:
            raise ValueError(f"waits: {max(self.waits):g} is longer than max_wait ({self.max_wait:g}), so it would never be waited")
        return self
