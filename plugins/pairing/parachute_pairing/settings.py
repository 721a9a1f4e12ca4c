"""The plugin's keys in `bots.yaml`."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from parachute_core import ChatRef


class InFlight(StrEnum):
    """What becomes of the answer that is being made for a user who is revoked."""

    STOP = "stop"
    """It is stopped, and nothing of it arrives any more."""
    FINISH = "finish"
    """It is still delivered; the next message is refused."""


Id = Annotated[str, BeforeValidator(lambda raw: str(raw) if type(raw) is int else raw), StringConstraints(pattern=r"^\S+$", max_length=255)]
CHAT_IS_NO_USER = ("discord", "matrix")
"""Platforms on which the chat with a person has an id of its own."""


class Notify(BaseModel):
    """Who the owner is in a chat, and where the owner is told of requests."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    platform: str = Field(min_length=1, max_length=64)
    user_id: Id
    """The platform's own id of the owner, whose word on requests counts there: nobody else's does, whatever their name."""
    chat_id: Id | None = None
    """Where the owner is told; None: in the direct chat, whose id is the user's on Telegram and in the web chat."""
    interval: float = Field(default=300.0, ge=10, le=604_800, strict=True, allow_inf_nan=False)
    """Seconds in which there is at most one notice."""

    @model_validator(mode="after")
    def _chat_is_known(self) -> "Notify":
        if self.chat_id is None and self.platform in CHAT_IS_NO_USER:
            raise ValueError(f"chat_id is needed on {self.platform}: the id of the channel or room in which you are told")
        return self

    @property
    def chat(self) -> ChatRef:
        """Where the owner is told."""
        return ChatRef(self.platform, self.chat_id or self.user_id)


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
    notify: Notify | None = None
    """Where the owner is told of new requests and can decide them; None: nowhere."""
    in_flight: InFlight = InFlight.STOP
    """What becomes of the answer that is being made for a user who is revoked."""
