"""What a gate may answer; going on is `None`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deny:
    """Stop this message here. `reason` is for the log and names no content; `reply` is sent to the chat, or None for silence."""

    reason: str
    reply: str | None = None
