"""What there is on the fake Discord: channels and what was written in them."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from parachute_core.testing.discord.payloads import Payload, member, message, user

FIRST_ID = 1_100_000_000_000_000_000


@dataclass(slots=True)
class Channel:
    """A direct channel, or one of a server."""

    id: str
    guild_id: str | None
    messages: dict[str, Payload] = field(default_factory=dict)
    """By id, oldest first."""
    nonces: dict[str, str] = field(default_factory=dict)
    reactions: set[tuple[str, str]] = field(default_factory=set)
    """Message ids and emojis of the bot's reactions."""


class World:
    """Channels, users and messages; whatever happens is also told to `tell(event, payload)`."""

    def __init__(self, me: Payload, tell: Callable[[str, Payload], None]) -> None:
        self.me = me
        self.channels: dict[str, Channel] = {}
        self.typed: list[str] = []
        """The channels in which the bot showed that it was typing, once for each time."""
        self._tell = tell
        self._ids = itertools.count(FIRST_ID)

    def new_id(self) -> str:
        """An id, higher than all before."""
        return str(next(self._ids))

    def open(self, guild_id: str | None = None) -> str:
        """A new channel; its id."""
        channel = Channel(self.new_id(), guild_id)
        self.channels[channel.id] = channel
        return channel.id

    def write(self, channel_id: str, author: Payload, text: str, **more: object) -> Payload:
        """Put a message into a channel. `more` replaces or adds fields of the message."""
        channel = self.channels[channel_id]
        written = {**message(self.new_id(), channel_id, author, text), **more}
        channel.messages[written["id"]] = written
        self._tell("MESSAGE_CREATE", self._told(channel, written))
        return written

    def change(self, channel_id: str, message_id: str, text: str) -> Payload:
        """Edit a message. Raises `KeyError`."""
        channel = self.channels[channel_id]
        changed = {**channel.messages[message_id], "content": text, "edited_timestamp": channel.messages[message_id]["timestamp"]}
        channel.messages[message_id] = changed
        self._tell("MESSAGE_UPDATE", self._told(channel, changed))
        return changed

    def texts(self, channel_id: str) -> list[str]:
        """What the bot's messages in a channel read now, oldest first."""
        written = self.channels[channel_id].messages.values()
        return [one["content"] for one in written if one["author"]["id"] == self.me["id"]]

    @staticmethod
    def person(user_id: str, name: str | None = None) -> Payload:
        """A user who is a person."""
        return user(user_id, name)

    @staticmethod
    def _told(channel: Channel, written: Payload) -> Payload:
        """A message as the gateway tells it; what REST answers has neither the server nor the member."""
        if channel.guild_id is None:
            return written
        return {**written, "guild_id": channel.guild_id, "member": member()}
