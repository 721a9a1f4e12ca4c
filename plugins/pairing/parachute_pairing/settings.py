"""The plugin's keys in `bots.yaml`."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class InFlight(StrEnum):
    """What becomes of the answer that is being made for a user who is revoked."""

    STOP = "stop"
    """It is stopped, and nothing of it arrives any more."""
    FINISH = "finish"
    """It is still delivered; the next message is refused."""


class Settings(BaseModel):
    """What `plugins: pairing:` may hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ttl_days: float = Field(default=7.0, gt=0, le=365, strict=True, allow_inf_nan=False)
    """Days after which a request that nobody answered expires."""
    sweep_interval: float = Field(default=3600.0, ge=1, le=604_800, strict=True, allow_inf_nan=False)
    """Seconds between two looks for requests that have expired while nothing else asked for them."""
    nudges: int = Field(default=1, ge=0, le=10, strict=True)
    """Reminders that a user with a pending request gets after the first reply; then silence."""
    max_pending: int = Field(default=100, ge=1, le=10_000, strict=True)
    """Requests that may be pending at once, on all platforms together; strangers beyond that are turned away and counted."""
    max_per_hour: int = Field(default=60, ge=1, le=10_000, strict=True)
    """Requests that the strangers of one platform may make within an hour; those beyond that are turned away and counted."""
    preview: int = Field(default=80, ge=0, le=200, strict=True)
    """Characters of a stranger's first message that are kept for the owner to see; 0: nothing of it."""
    invite_pause: float = Field(default=3600.0, ge=1, le=604_800, strict=True, allow_inf_nan=False)
    """Seconds for which no code of somebody is looked at who sent five wrong ones."""
    guesses_per_hour: int = Field(default=10_000, ge=1, le=100_000, strict=True)
    """Wrong codes of one platform, of all its people together, after which no code is looked at there for the rest of the hour."""
    in_flight: InFlight = InFlight.STOP
    """What becomes of the answer that is being made for a user who is revoked."""
