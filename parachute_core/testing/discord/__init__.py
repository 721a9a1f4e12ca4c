"""A Discord of one's own: REST and gateway on loopback sockets, for bots that run the real client library.

Needs the library `websockets`, which the bot itself does not.
"""

import base64
import secrets
from types import TracebackType
from typing import Self

from parachute_core.clock import Clock, SystemClock
from parachute_core.testing.discord.files import Files
from parachute_core.testing.discord.gateway import Gateway
from parachute_core.testing.discord.payloads import Payload, attachment, interaction, member, own_user, user
from parachute_core.testing.discord.rest import PREFIX, Rest
from parachute_core.testing.discord.world import World
from parachute_core.testing.http import Fault, JsonServer

__all__ = ["FakeDiscord", "rate_limit"]

APPLICATION_ID = "1000000000000000002"
BOT_ID = "1000000000000000001"
GUILD_ID = "1000000000000000003"


def rate_limit(path: str, retry_after: float, *, count: int = 1, everywhere: bool = False) -> Fault:
    """A 429 as Discord gives it; `everywhere`: for the whole bot and not for one route."""
    body = {"message": "You are being rate limited.", "retry_after": retry_after, "global": everywhere}
    headers = {"Via": "1.1 fake", "Retry-After": str(retry_after), "X-RateLimit-Scope": "global" if everywhere else "shared"}
    return Fault(path, count=count, status=429, headers=headers, body=body)


class FakeDiscord:
    """One bot account on a Discord with any number of people. Use it as an async context manager."""

    def __init__(self, clock: Clock | None = None) -> None:
        """`clock`: whose time the ids tell; None: the machine's."""
        self.bot_id = BOT_ID
        self.guild_id = GUILD_ID
        self.token = f"{base64.b64encode(BOT_ID.encode()).decode()}.fake.{secrets.token_urlsafe(16)}"
        """The token that is accepted."""
        me = own_user(BOT_ID, "parachute")
        self.server = JsonServer()
        """The REST server: its requests, and the faults that it is to have."""
        self.gateway = Gateway(self.token, me, APPLICATION_ID)
        self.world = World(me, Files(self.server), self.gateway.tell, clock or SystemClock())
        self.rest = Rest(self.world, self.server, self.token, APPLICATION_ID, lambda: self.gateway.url)

    @property
    def rest_url(self) -> str:
        """What `rest_url` in `bots.yaml` is to be."""
        return self.server.url + PREFIX

    def direct(self, user_id: str) -> str:
        """The channel between a person and the bot."""
        return self.world.direct(user_id)

    def room(self) -> str:
        """A new channel of a server."""
        return self.world.open(GUILD_ID)

    def say(self, text: str, user_id: str = "1", channel: str | None = None, *, name: str | None = None, **more: object) -> str:
        """A person writes; the message's id. `channel` None: to the bot alone. `more` replaces or adds fields of the message."""
        written = self.world.write(channel or self.direct(user_id), user(user_id, name), text, **more)
        return str(written["id"])

    def attach(self, *files: tuple[str, str, bytes], text: str = "", user_id: str = "1", channel: str | None = None, **more: object) -> str:
        """A person sends files, each with its name, media type and content; the message's id."""
        attached = []
        for name, media_type, content in files:
            attached.append(attachment(self.world.new_id(), name, media_type, len(content)))
            self.world.files.put(attached[-1]["id"], content)
        return self.say(text, user_id, channel, name=None, attachments=attached, **more)

    def speak(self, content: bytes, user_id: str = "1", channel: str | None = None, *, seconds: float = 2.5) -> str:
        """A person sends a voice message: flag, duration and waveform (developer documentation, Voice Messages); the message's id."""
        spoken = attachment(self.world.new_id(), "voice-message.ogg", "audio/ogg", len(content))
        self.world.files.put(spoken["id"], content)
        spoken |= {"duration_secs": seconds, "waveform": "AAAA"}
        return self.say("", user_id, channel, attachments=[spoken], flags=1 << 13)

    def answer(self, text: str, message_id: str, channel: str, user_id: str = "1") -> str:
        """A person writes in reply to a message; the new message's id."""
        answered = self.world.channels[channel].messages[message_id]
        reference = {"message_id": message_id, "channel_id": channel, "type": 0}
        return self.say(text, user_id, channel, type=19, message_reference=reference, referenced_message=answered)

    def use(self, command: str, user_id: str = "1", channel: str | None = None, **options: str) -> str:
        """A person uses a slash command; the interaction's id."""
        interaction_id, place = self.world.new_id(), channel or self.direct(user_id)
        data = {"name": command, "options": [{"name": name, "type": 3, "value": value} for name, value in options.items()]}
        used = interaction(interaction_id, APPLICATION_ID, secrets.token_hex(16), place, data)
        self.gateway.tell("INTERACTION_CREATE", {**used, **self._who(user_id, place)})
        return interaction_id

    def press(self, label: str, user_id: str = "1", channel: str | None = None) -> str:
        """A person presses the button of the latest message that has one with this label; the interaction's id
        (Receiving and Responding, Interaction Object: type 3 with `component_type` 2 and `custom_id`).
        """
        interaction_id, place = self.world.new_id(), channel or self.direct(user_id)
        custom_id = self.world.buttons(place)[label]
        used = interaction(interaction_id, APPLICATION_ID, secrets.token_hex(16), place, {"component_type": 2, "custom_id": custom_id})
        self.gateway.tell("INTERACTION_CREATE", {**used, "type": 3, **self._who(user_id, place)})
        return interaction_id

    def texts(self, channel: str) -> list[str]:
        """What the bot's messages in a channel read now, oldest first."""
        return self.world.texts(channel)

    async def __aenter__(self) -> Self:
        await self.server.start()
        await self.gateway.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.gateway.stop()
        await self.server.stop()

    def _who(self, user_id: str, channel: str) -> Payload:
        guild = self.world.channels[channel].guild_id
        if guild is None:
            return {"user": user(user_id)}
        return {"guild_id": guild, "member": {**member(), "user": user(user_id), "permissions": "0"}}
