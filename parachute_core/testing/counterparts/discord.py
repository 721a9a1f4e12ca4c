"""Discord: the library talks to the fake REST server and the fake gateway."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import ClassVar, Self

from parachute_core.connectors.base import Connector, ConnectorContext
from parachute_core.connectors.discord import make_connector
from parachute_core.testing.conformance.abilities import Ability, Flow, Oddity, Trouble
from parachute_core.testing.conformance.counterpart import Counterpart
from parachute_core.testing.counterparts.troubles import fault_of
from parachute_core.testing.discord import FakeDiscord, rate_limit
from parachute_core.testing.discord.payloads import Payload, user
from parachute_core.testing.http import Fault

PATHS = {Flow.SENDING: "/messages$", Flow.RECEIVING: "/gateway/bot$"}
REFUSAL = {"message": "Invalid Form Body", "code": 50035}
OVER = 4003
"""A close code after which the connection is made anew, without its session."""


class DiscordCounterpart(Counterpart):
    """A Discord of its own, and the connector with the real library. To receive is to ask for the gateway and to identify there."""

    platform: ClassVar[str] = "discord"
    pause: ClassVar[float] = 0.008
    patience: ClassVar[float] = 20.0
    """A first message that hangs holds up those to other new channels until the connector gives it up, after ten."""
    lacks: ClassVar[Mapping[Ability, str]] = MappingProxyType(
        {
            Ability.GIVES_UP_SOON: "how long the library waits for an answer cannot be set from outside the connector",
        }
    )

    def __init__(self) -> None:
        self.discord = FakeDiscord()
        self._newest: Payload | None = None
        self._blocking: dict[str, Fault] = {}

    def connector(self, context: ConnectorContext) -> Connector:
        """See `Counterpart.connector`."""
        return make_connector(context)

    async def section(self, allowed: Sequence[str]) -> Mapping[str, object]:
        """See `Counterpart.section`."""
        return {"rest_url": self.discord.rest_url, "allowed_users": list(allowed), **self.credentials()}

    def credentials(self) -> Mapping[str, str]:
        """See `Counterpart.credentials`."""
        return {"bot_token": self.discord.token}

    def wrong_credentials(self) -> Mapping[str, str]:
        """See `Counterpart.wrong_credentials`."""
        return {"bot_token": f"{self.discord.token}wrong"}

    async def revoke(self) -> None:
        """See `Counterpart.revoke`."""
        self.discord.rest.token = self.discord.gateway.token = f"{self.discord.token}another"
        self._end()

    async def people(self, count: int) -> Sequence[str]:
        """See `Counterpart.people`."""
        return [str(number) for number in range(1, count + 1)]

    async def direct(self, user: str) -> str:
        """See `Counterpart.direct`."""
        return self.discord.direct(user)

    async def group(self) -> str:
        """See `Counterpart.group`."""
        return self.discord.room()

    async def say(self, user: str, text: str, chat: str | None = None) -> str:
        """See `Counterpart.say`."""
        channel = chat or self.discord.direct(user)
        message = self.discord.say(text, user, channel)
        self._newest = self.discord.world.channels[channel].messages[message]
        return message

    async def mention(self, user: str, text: str, chat: str) -> str:
        """See `Counterpart.mention`."""
        return await self.say(user, f"<@{self.discord.bot_id}> {text}", chat)

    async def command(self, user: str, text: str, chat: str | None = None) -> None:
        """See `Counterpart.command`."""
        if text.startswith("/"):
            self.discord.use(text.removeprefix("/"), user, chat)
        else:
            self.discord.use("chat", user, chat, message=text)

    async def speak(self, user: str, text: str) -> None:
        """See `Counterpart.speak`."""
        self.discord.speak(text.encode(), user)

    async def attach(self, user: str, caption: str = "") -> None:
        """See `Counterpart.attach`."""
        self.discord.attach(("picture.png", "image/png", b"pixels"), text=caption, user_id=user)

    async def edit(self, user: str, message_id: str, text: str, chat: str) -> None:  # noqa: ARG002 - only the author can
        """See `Counterpart.edit`."""
        self.discord.world.change(chat, message_id, text)

    async def bot_says(self, text: str, chat: str) -> None:
        """See `Counterpart.bot_says`."""
        self.discord.world.write(chat, user("900", "Other Bot", bot=True), text)

    async def repeat(self) -> None:
        """See `Counterpart.repeat`."""
        if self._newest is not None:
            self.discord.gateway.tell("MESSAGE_CREATE", self._newest)

    async def disturb(self, oddity: Oddity, user: str) -> None:
        """See `Counterpart.disturb`."""
        gateway = self.discord.gateway
        match oddity:
            case Oddity.MALFORMED:
                for payload in ({"id": "x"}, {"id": None, "author": 7}, {"id": "1", "channel_id": {}, "content": []}):
                    gateway.tell("MESSAGE_CREATE", payload)
                    gateway.tell("INTERACTION_CREATE", {"type": 2, **payload})
            case Oddity.EMPTY:
                gateway.tell("MESSAGE_CREATE", {})
                gateway.tell("INTERACTION_CREATE", {})
                self.discord.say("", user)
                self.discord.say(f"<@{self.discord.bot_id}>", user, self.discord.room())
            case Oddity.HUGE:
                self.discord.say("word " * 20_000, user)

    def texts(self, chat: str) -> list[str]:
        """See `Counterpart.texts`."""
        return self.discord.texts(chat)

    def replies(self, chat: str) -> list[str | None]:
        """See `Counterpart.replies`; read from what was asked for, so every call has to have succeeded."""
        path = f"/channels/{chat}/messages"
        asked = [json.loads(one.body) for one in self.discord.server.requests if one.method == "POST" and one.path.endswith(path)]
        return [str(one["message_reference"]["message_id"]) if one.get("message_reference") else None for one in asked]

    def reactions(self, chat: str) -> list[str]:
        """See `Counterpart.reactions`."""
        return [message for message, _ in self.discord.world.channels[chat].reactions]

    def typed(self, chat: str) -> int:
        """See `Counterpart.typed`."""
        return self.discord.world.typed.count(chat)

    def fault(self, flow: Flow, trouble: Trouble, *, count: int | None = 1, skip: int = 0, retry_after: float | None = None) -> Fault:
        """See `Counterpart.fault`."""
        path = PATHS[flow]
        fault = fault_of(path, trouble, flood=rate_limit(path, retry_after or 1.0), refusal=REFUSAL)
        fault.count, fault.skip = count, skip
        self.discord.server.faults.append(fault)
        if flow is Flow.RECEIVING:
            self._end()
        return fault

    def heal(self) -> None:
        """See `Counterpart.heal`."""
        self.discord.server.faults.clear()

    def requests(self, flow: Flow | None = None) -> int:
        """See `Counterpart.requests`."""
        made, gateway = self.discord.server.requests, self.discord.gateway
        if flow is Flow.SENDING:
            return sum(one.method == "POST" and one.path.endswith("/messages") for one in made)
        asked = made if flow is None else self.discord.server.paths(PATHS[flow])
        return len(asked) + gateway.identified + gateway.resumed

    async def drop(self) -> None:
        """See `Counterpart.drop`."""
        self.discord.server.drop()
        self.discord.gateway.drop()

    async def start(self) -> None:
        """See `Counterpart.start`."""
        await self.discord.server.start()

    async def stop(self) -> None:
        """See `Counterpart.stop`: without REST nobody finds the gateway, and what was connected there is closed."""
        await self.discord.server.stop()
        self._end()

    async def block(self, user: str) -> None:
        """See `Counterpart.block`."""
        body = {"message": "Cannot send messages to this user", "code": 50007}
        self._blocking[user] = Fault(f"/{self.discord.direct(user)}/messages$", count=None, status=403, body=body)
        self.discord.server.faults.append(self._blocking[user])

    async def unblock(self, user: str) -> None:
        """See `Counterpart.unblock`."""
        self.discord.server.faults.remove(self._blocking.pop(user))

    async def __aenter__(self) -> Self:
        await self.discord.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.discord.__aexit__(kind, error, trace)

    def _end(self) -> None:
        self.discord.gateway.forget_sessions()
        self.discord.gateway.close(OVER)
