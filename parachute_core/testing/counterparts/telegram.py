"""Telegram: the library talks to the fake Bot API."""

import itertools
import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Any, ClassVar, Self

from parachute_core.connectors.base import Connector, ConnectorContext
from parachute_core.connectors.telegram.api import Timeouts
from parachute_core.connectors.telegram.connector import Telegram
from parachute_core.testing.conformance.abilities import Ability, Flow, Oddity, Trouble
from parachute_core.testing.conformance.counterpart import Counterpart
from parachute_core.testing.counterparts.troubles import fault_of
from parachute_core.testing.http import Fault
from parachute_core.testing.telegram import FakeBotApi

PATHS = {Flow.SENDING: "/sendMessage$", Flow.RECEIVING: "/getUpdates$"}
REFUSAL = {"ok": False, "error_code": 400, "description": "Bad Request: this is refused"}
OTHER_BOT: dict[str, Any] = {"from": {"id": 900, "is_bot": True, "first_name": "Other Bot", "username": "OtherBot"}}


class TelegramCounterpart(Counterpart):
    """A Bot API of its own, and the connector with the real library."""

    platform: ClassVar[str] = "telegram"
    pause: ClassVar[float] = 0.008
    lacks: ClassVar[Mapping[Ability, str]] = MappingProxyType(
        {Ability.INTERACTIONS: "commands come as text; there are no other events that say something"}
    )

    def __init__(self) -> None:
        self.api = FakeBotApi()
        self._groups = itertools.count(1001)
        self._newest: dict[str, Any] | None = None

    def connector(self, context: ConnectorContext) -> Connector:
        """See `Counterpart.connector`."""
        return Telegram(context, Timeouts(read=1.0, poll=1) if self.hurried else None)

    async def section(self, allowed: Sequence[str]) -> Mapping[str, object]:
        """See `Counterpart.section`."""
        addresses = {"base_url": self.api.base_url, "base_file_url": self.api.base_file_url}
        return {**addresses, "allowed_users": [int(one) for one in allowed], **self.credentials()}

    def credentials(self) -> Mapping[str, str]:
        """See `Counterpart.credentials`."""
        return {"bot_token": self.api.token}

    def wrong_credentials(self) -> Mapping[str, str]:
        """See `Counterpart.wrong_credentials`."""
        return {"bot_token": "123456:wrong-token-wrong-token"}

    async def revoke(self) -> None:
        """See `Counterpart.revoke`."""
        self.api.token = "123456:another-token-of-the-owner"  # noqa: S105 - opens nothing
        self.api.server.drop()

    async def people(self, count: int) -> Sequence[str]:
        """See `Counterpart.people`."""
        return [str(number) for number in range(1, count + 1)]

    async def direct(self, user: str) -> str:
        """See `Counterpart.direct`."""
        return str(self.api.private(user)["id"])

    async def group(self) -> str:
        """See `Counterpart.group`."""
        return str(self.api.group(f"-100{next(self._groups)}")["id"])

    async def say(self, user: str, text: str, chat: str | None = None) -> str:
        """See `Counterpart.say`."""
        self._newest = self.api.say(text, user, None if chat == user else chat)
        return str(self._newest["message_id"])

    async def mention(self, user: str, text: str, chat: str) -> str:
        """See `Counterpart.mention`."""
        return await self.say(user, f"@{self.api.me['username']} {text}", chat)

    async def speak(self, user: str, text: str) -> None:
        """See `Counterpart.speak`."""
        file_id = self.api.files.add(text.encode())
        voice = {
            "file_id": file_id,
            "file_unique_id": f"u{file_id}",
            "duration": 2,
            "mime_type": "audio/ogg",
            "file_size": len(text.encode()),
        }
        self._newest = self.api.say("", user, text=None, entities=None, voice=voice)

    async def attach(self, user: str, caption: str = "") -> None:
        """See `Counterpart.attach`."""
        picture = [{"file_id": "picture", "file_unique_id": "picture", "width": 90, "height": 90, "file_size": 900}]
        self._newest = self.api.say("", user, text=None, entities=None, photo=picture, caption=caption or None)

    async def edit(self, user: str, message_id: str, text: str, chat: str) -> None:  # noqa: ARG002 - only the sender can
        """See `Counterpart.edit`."""
        [message] = [one for one in self.api.history[chat] if str(one["message_id"]) == message_id]
        message |= {"text": text, "edit_date": message["date"]}
        self.api.push("edited_message", message)

    async def bot_says(self, text: str, chat: str) -> None:
        """See `Counterpart.bot_says`."""
        self.api.say(text, chat, **OTHER_BOT)

    async def repeat(self) -> None:
        """See `Counterpart.repeat`."""
        self.api.push("message", self._newest)

    async def disturb(self, oddity: Oddity, user: str) -> None:
        """See `Counterpart.disturb`."""
        match oddity:
            case Oddity.MALFORMED:
                for content in ("a text", 7, {"message_id": "x", "chat": []}, {"date": 1, "chat": {"id": int(user), "type": "private"}}):
                    self.api.push("message", content)
            case Oddity.EMPTY:
                self.api.push("message", None)
                self.api.push("message", {})
                self.api.say("", user)
                self.api.say("", user, text=None)
            case Oddity.HUGE:
                self.api.say("word " * 20_000, user)

    def texts(self, chat: str) -> list[str]:
        """See `Counterpart.texts`."""
        return self.api.texts(chat)

    def replies(self, chat: str) -> list[str | None]:
        """See `Counterpart.replies`; read from what was asked for, so every call has to have succeeded."""
        asked = [one for one in self.api.calls("sendMessage") if one["chat_id"] == chat]
        return [str(json.loads(one["reply_parameters"])["message_id"]) if "reply_parameters" in one else None for one in asked]

    def reactions(self, chat: str) -> list[str]:
        """See `Counterpart.reactions`."""
        return [str(message) for place, message in self.api.reactions if place == chat]

    def typed(self, chat: str) -> int:
        """See `Counterpart.typed`."""
        return self.api.actions.count(chat)

    def fault(self, flow: Flow, trouble: Trouble, *, count: int | None = 1, skip: int = 0, retry_after: float | None = None) -> Fault:
        """See `Counterpart.fault`."""
        path = PATHS[flow]
        fault = fault_of(path, trouble, flood=_flood(path, retry_after), refusal=REFUSAL)
        fault.count, fault.skip = count, skip
        self.api.server.faults.append(fault)
        if flow is Flow.RECEIVING:
            self.api.server.drop()
        return fault

    def heal(self) -> None:
        """See `Counterpart.heal`."""
        self.api.server.faults.clear()

    def requests(self, flow: Flow | None = None) -> int:
        """See `Counterpart.requests`."""
        return len(self.api.server.requests if flow is None else self.api.server.paths(PATHS[flow]))

    async def drop(self) -> None:
        """See `Counterpart.drop`."""
        self.api.server.drop()

    async def start(self) -> None:
        """See `Counterpart.start`."""
        await self.api.server.start()

    async def stop(self) -> None:
        """See `Counterpart.stop`."""
        await self.api.server.stop()

    async def block(self, user: str) -> None:
        """See `Counterpart.block`."""
        self.api.blocked.add(user)

    async def unblock(self, user: str) -> None:
        """See `Counterpart.unblock`."""
        self.api.blocked.discard(user)

    async def __aenter__(self) -> Self:
        await self.api.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.api.__aexit__(kind, error, trace)


class TelegramWebhookCounterpart(TelegramCounterpart):
    """The same, with updates that Telegram brings to the bot's own server, through a reverse proxy."""

    serves: ClassVar[bool] = True
    lacks: ClassVar[Mapping[Ability, str]] = MappingProxyType(
        {
            **TelegramCounterpart.lacks,
            Ability.SERVER: "what comes in trouble is tried where the bot asks for updates",
            Ability.FLOOD_CONTROL: "the same",
            Ability.MISSED: "the same",
            Ability.CREDENTIALS: "the same",
        }
    )

    async def section(self, allowed: Sequence[str]) -> Mapping[str, object]:
        """See `Counterpart.section`."""
        self.api.webhooks.proxy = "http://127.0.0.1:1"
        return {**await super().section(allowed), "webhook_url": "https://bot.example.org"}

    async def attached(self, url: str) -> None:
        """See `Counterpart.attached`: the reverse proxy finds the bot."""
        self.api.webhooks.proxy = url


def _flood(path: str, retry_after: float | None) -> Fault:
    parameters = {} if retry_after is None else {"parameters": {"retry_after": retry_after}}
    body = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry later", **parameters}
    return Fault(path, status=429, body=body)
