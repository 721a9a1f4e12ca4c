"""What a sync tells, in words of our own: plain records without the library's types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Raw = Mapping[str, Any]
"""An event as the homeserver gives it: nothing in it is to be trusted to have any shape."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room that the bot is in, as it is now."""

    id: str
    named: bool
    """Whether somebody gave it a name or an address."""
    alias: str | None
    """The address that the room claims to have; not proven."""
    members: Mapping[str, str | None] = field(repr=False)
    """Who is in it or asked into it, the bot included: the name that each chose to show, by id."""

    def others(self, me: str) -> frozenset[str]:
        """Everybody but the bot."""
        return frozenset(self.members) - {me}


@dataclass(frozen=True, slots=True)
class RoomNews:
    """What is new in a room that the bot is in."""

    room: Room
    events: tuple[Raw, ...]
    """In order; what was encrypted is in clear where that worked."""
    gap: str | None
    """Where to go on looking for what is older and new too; None: these events are all."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Somebody asks the bot into a room."""

    room_id: str
    inviter: str
    direct: bool
    """Whether it is meant as a chat of two."""
    alias: str | None = None
    """The address that the room claims to have; not proven."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The answer to one sync."""

    next: str
    """Where the next sync goes on."""
    news: tuple[RoomNews, ...]
    invitations: tuple[Invitation, ...]
    left: frozenset[str]
    """Rooms that the bot is no longer in or asked into."""
    empty: bool
    """Whether nothing at all was told."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a token belongs to. `device_id` None: to no device."""

    user_id: str
    device_id: str | None
