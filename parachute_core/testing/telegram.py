"""A Bot API of the test's own, on a loopback socket: what a bot's library talks to, and what people write and see."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from parachute_core.testing.http import Answer, JsonServer, Request
from parachute_core.testing.people import Chats, units

TOKEN = "123456:fake-token-of-a-fake-bot"  # noqa: S105 - opens nothing
LONGEST_TEXT = 4096
NOT_MODIFIED = "message is not modified: specified new message content and reply markup are exactly the same as a current content"

HAS_WEBHOOK = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


class Refused(Exception):
    """The Bot API answers with an error."""

    def __init__(self, status: int, description: str, **parameters: object) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


@dataclass(slots=True)
class Poll:
    """A getUpdates that waits."""

    overtaken: asyncio.Event = field(default_factory=asyncio.Event)


class FakeBotApi(Chats):
    """Start it as an async context manager. `server` has the faults and every request that came in."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__()
        self.token = token
        """The only token that it takes."""
        self.server = JsonServer()
        self.server.route("POST", "/bot{token}/{method}", self._call)
        self.confirmed = 0
        """Every update below this id is confirmed."""
        self.webhook = ""
        self.reactions: dict[tuple[str, int], list[str]] = {}
        """The bot's reactions on a message, by chat and message id; gone when they are taken off."""
        self.actions: list[str] = []
        """The chats in which the bot was shown typing, each time it was."""
        self._poll: Poll | None = None
        self._methods: dict[str, Callable[[Mapping[str, str]], Awaitable[Any]]] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._set_webhook,
            "getWebhookInfo": self._get_webhook_info,
            "getChat": self._get_chat,
            "sendMessage": self._send_message,
            "editMessageText": self._edit_message_text,
            "deleteMessage": self._delete_message,
            "setMessageReaction": self._set_message_reaction,
            "sendChatAction": self._send_chat_action,
        }

    @property
    def base_url(self) -> str:
        """What `telegram.base_url` has to be."""
        return f"{self.server.url}/bot"

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.server.stop()

    def calls(self, method: str) -> list[Mapping[str, str]]:
        """The parameters of each call of a method so far, those that met a fault included."""
        return [one.form() for one in self.server.requests if one.path.endswith(f"/{method}")]

    async def until(self, happened: Callable[[], object], within: float = 10.0) -> None:
        """Return once `happened()` is true; it is looked at whenever something was called or said. Fails after real seconds."""
        async with asyncio.timeout(within):
            while not happened():
                self.news.clear()
                await self.news.wait()

    async def _call(self, request: Request) -> Answer:
        try:
            answer = await self._answer(request)
        except Refused as refused:
            body: dict[str, Any] = {"ok": False, "error_code": refused.status, "description": refused.description}
            return refused.status, {}, {**body, "parameters": refused.parameters} if refused.parameters else body
        finally:
            self.news.set()
        return 200, {}, {"ok": True, "result": answer}

    async def _answer(self, request: Request) -> Any:
        if re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", request.params["token"]) is None:
            raise Refused(404, "Not Found")
        if request.params["token"] != self.token:
            raise Refused(401, "Unauthorized")
        method = self._methods.get(request.params["method"])
        if method is None:
            raise Refused(404, "Not Found: method not found")
        return await method({**request.query, **request.form()})

    async def _get_me(self, _asked: Mapping[str, str]) -> Any:
        return {**self.me, "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}

    async def _get_updates(self, asked: Mapping[str, str]) -> Any:
        if self.webhook:
            raise Refused(
                409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        if self._poll is not None:
            self._poll.overtaken.set()
        poll = self._poll = Poll()
        if "allowed_updates" in asked:
            self.allowed = json.loads(asked["allowed_updates"]) or None
        if offset := int(asked.get("offset", "0")):
            self.confirmed = max(self.confirmed, offset)
            self.updates = [one for one in self.updates if one.get("update_id", 0) >= offset]
        try:
            return await self._waiting(poll, float(asked.get("timeout", "0")), int(asked.get("limit", "100")))
        finally:
            if self._poll is poll:
                self._poll = None

    async def _waiting(self, poll: Poll, seconds: float, limit: int) -> list[dict[str, Any]]:
        self.news.set()
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not self.updates and (left := end - loop.time()) > 0:
            self.fresh.clear()
            waits = [asyncio.ensure_future(self.fresh.wait()), asyncio.ensure_future(poll.overtaken.wait())]
            try:
                await asyncio.wait(waits, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()
            if self.webhook:
                raise Refused(409, HAS_WEBHOOK)
            if poll.overtaken.is_set():
                raise Refused(409, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running")
        return self.updates[:limit]

    async def _set_webhook(self, asked: Mapping[str, str]) -> Any:
        self.webhook = asked.get("url", "")
        if self._poll is not None and self.webhook:
            self._poll.overtaken.set()
        return True

    async def _get_webhook_info(self, _asked: Mapping[str, str]) -> Any:
        return {"url": self.webhook, "has_custom_certificate": False, "pending_update_count": len(self.updates)}

    async def _get_chat(self, asked: Mapping[str, str]) -> Any:
        return self._reachable(asked)

    async def _send_message(self, asked: Mapping[str, str]) -> Any:
        chat = self._reachable(asked)
        return self.post(chat, self.me, _text(asked), _entities(asked))

    async def _edit_message_text(self, asked: Mapping[str, str]) -> Any:
        message = self._message(asked, "message to edit not found")
        if message["from"]["id"] != self.me["id"]:
            raise Refused(400, "Bad Request: message can't be edited")
        text, entities = _text(asked), _entities(asked)
        if (message["text"], message.get("entities", [])) == (text, entities):
            raise Refused(400, f"Bad Request: {NOT_MODIFIED}")
        message.update(text=text, entities=entities, edit_date=message["date"])
        return message

    async def _delete_message(self, asked: Mapping[str, str]) -> Any:
        message = self._message(asked, "message to delete not found")
        self.history[str(message["chat"]["id"])].remove(message)
        return True

    async def _set_message_reaction(self, asked: Mapping[str, str]) -> Any:
        message = self._message(asked, "message to react not found")
        place = str(message["chat"]["id"]), message["message_id"]
        shown = [one["emoji"] for one in json.loads(asked.get("reaction", "[]"))]
        if shown:
            self.reactions[place] = shown
        else:
            self.reactions.pop(place, None)
        return True

    async def _send_chat_action(self, asked: Mapping[str, str]) -> Any:
        self.actions.append(str(self._reachable(asked)["id"]))
        return True

    def _reachable(self, asked: Mapping[str, str]) -> dict[str, Any]:
        chat_id = asked.get("chat_id", "")
        if chat_id in self.migrated:
            description = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refused(400, description, migrate_to_chat_id=int(self.migrated[chat_id]))
        if chat_id in self.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if chat_id not in self.chats:
            raise Refused(400, "Bad Request: chat not found")
        return self.chats[chat_id]

    def _message(self, asked: Mapping[str, str], missing: str) -> dict[str, Any]:
        chat = self._reachable(asked)
        for message in self.history[str(chat["id"])]:
            if str(message["message_id"]) == asked.get("message_id"):
                return message
        raise Refused(400, f"Bad Request: {missing}")


def _text(asked: Mapping[str, str]) -> str:
    text = asked.get("text", "").strip()
    if not text:
        raise Refused(400, "Bad Request: message text is empty")
    if units(text) > LONGEST_TEXT:
        raise Refused(400, "Bad Request: message is too long")
    if asked.get("parse_mode"):
        raise Refused(400, "Bad Request: can't parse entities: this fake takes entities only")
    return text


def _entities(asked: Mapping[str, str]) -> list[dict[str, Any]]:
    entities: list[dict[str, Any]] = json.loads(asked.get("entities", "[]"))
    raw = asked.get("text", "").encode("utf-16-le")
    for one in entities:
        begin, end = 2 * one["offset"], 2 * (one["offset"] + one["length"])
        try:
            covered = raw[begin:end].decode("utf-16-le")
        except UnicodeDecodeError:
            covered = ""
        if not covered or end > len(raw):
            raise Refused(400, "Bad Request: can't parse entities: ENTITY_BOUNDS_INVALID")
    return entities
