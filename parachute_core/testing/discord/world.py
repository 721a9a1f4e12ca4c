"""What there is on the fake Discord: channels and what was written in them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from parachute_core.clock import Clock
from parachute_core.testing.discord.files import Files
from parachute_core.testing.discord.payloads import Payload, member, message, user

EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
"""When ids begin to count (Reference, Snowflakes)."""


@dataclass(slots=True)
class Channel:
    """A direct channel, or one of a server."""

    id: str
    guild_id: str | None
    messages: dict[str, Payload] = field(default_factory=dict)
    """By id, oldest first."""
    nonces: dict[str, str] = field(default_factory=dict)
    """What `enforce_nonce` recognises; the real one forgets after minutes (developer documentation, Create Message)."""
    refuses: tuple[int, int] | None = None
    """Status and code that new messages of the bot are refused with: 403, 50013 without the permission; 400, 50083 in an archived
    thread (developer documentation, JSON Error Codes)."""
    reactions: set[tuple[str, str]] = field(default_factory=set)
    """Message ids and emojis of the bot's reactions."""


class World:
    """Channels, users and messages; whatever happens is also told to `tell(event, payload)`."""

    def __init__(self, me: Payload, files: Files, tell: Callable[[str, Payload], None], clock: Clock) -> None:
        self.me = me
        self.files = files
        self.channels: dict[str, Channel] = {}
        self.typed: list[str] = []
        """The channels in which the bot showed that it was typing, once for each time."""
        self._tell = tell
        self._clock = clock
        self._last_id = 0
        self._direct: dict[str, str] = {}

    def new_id(self) -> str:
        """An id, higher than all before, that tells the time (Reference, Snowflakes)."""
        milliseconds = (self._clock.now() - EPOCH) // timedelta(milliseconds=1)
        self._last_id = max(self._last_id + 1, milliseconds << 22)
        return str(self._last_id)

    def direct(self, user_id: str) -> str:
        """The channel between a person and the bot."""
        if user_id not in self._direct:
            self._direct[user_id] = self.open()
        return self._direct[user_id]

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
        self._tell("MESSAGE_CREATE", self._told(channel, written["id"]))
        return written

    def change(self, channel_id: str, message_id: str, text: str) -> Payload:
        """Edit a message. Raises `KeyError`."""
        channel = self.channels[channel_id]
        changed = {**channel.messages[message_id], "content": text, "edited_timestamp": channel.messages[message_id]["timestamp"]}
        channel.messages[message_id] = changed
        self._tell("MESSAGE_UPDATE", self._told(channel, message_id))
        return changed

    def shown(self, channel_id: str, message_id: str) -> Payload | None:
        """A message as it is given out now: the addresses of its files are signed anew each time."""
        found = self.channels[channel_id].messages.get(message_id)
        return None if found is None else {**found, "attachments": [self.files.signed(one) for one in found["attachments"]]}

    def texts(self, channel_id: str) -> list[str]:
        """What the bot's messages in a channel read now, oldest first."""
        written = self.channels[channel_id].messages.values()
        return [one["content"] for one in written if one["author"]["id"] == self.me["id"]]

    def buttons(self, channel_id: str) -> dict[str, str]:
        """The labels that can be pressed in a channel, and the `custom_id` of the latest one of each."""
        rows = (row for one in self.channels[channel_id].messages.values() for row in one["components"])
        return {one["label"]: one["custom_id"] for row in rows for one in row["components"]}

    @staticmethod
    def person(user_id: str, name: str | None = None) -> Payload:
        """A user who is a person."""
        return user(user_id, name)

    def _told(self, channel: Channel, message_id: str) -> Payload:
        """As the gateway tells it: with the server and the member, which REST leaves out (developer documentation, Message Create)."""
        told = self.shown(channel.id, message_id) or {}
        if channel.guild_id is None:
            return told
        return {**told, "guild_id": channel.guild_id, "member": member()}
