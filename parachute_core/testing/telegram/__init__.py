"""A Bot API of the test's own, on a loopback socket: what a bot's library talks to, and what people write and see.

Needs the library `httpx`, as the Telegram connector does.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

from parachute_core.testing.http import Answer, JsonServer, Request
from parachute_core.testing.telegram.files import Files
from parachute_core.testing.telegram.people import Chats
from parachute_core.testing.telegram.polling import Polling
from parachute_core.testing.telegram.refusals import Refused
from parachute_core.testing.telegram.sending import Sending
from parachute_core.testing.telegram.webhooks import Webhooks

__all__ = ["FakeBotApi"]

TOKEN = "123456:fake-token-of-a-fake-bot"  # noqa: S105 - opens nothing


class FakeBotApi(Chats):
    """Start it as an async context manager. `server` has the faults and every request that came in."""

    def __init__(self, token: str = TOKEN) -> None:
        super().__init__()
        self.token = token
        """The only token that it takes."""
        self.server = JsonServer()
        self.server.route("POST", "/bot{token}/{method}", self._call)
        self.server.route("GET", "/file/bot{token}/{folder}/{name}", self._download)
        self.files = Files()
        self.webhooks = Webhooks(self)
        self._polling = Polling(self)
        sending = Sending(self)
        self._methods: dict[str, Callable[[Mapping[str, str]], Awaitable[Any]]] = {
            "getMe": self._get_me,
            "getUpdates": self._polling.get_updates,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self.webhooks.delete_webhook,
            "getWebhookInfo": self.webhooks.get_webhook_info,
            "getFile": self.files.get_file,
            "getChat": sending.get_chat,
            "sendMessage": sending.send_message,
            "editMessageText": sending.edit_message_text,
            "deleteMessage": sending.delete_message,
            "setMessageReaction": sending.set_message_reaction,
            "sendChatAction": sending.send_chat_action,
            "answerCallbackQuery": sending.answer_callback_query,
        }

    @property
    def base_url(self) -> str:
        """What `telegram.base_url` has to be."""
        return f"{self.server.url}/bot"

    @property
    def base_file_url(self) -> str:
        """What `telegram.base_file_url` has to be."""
        return f"{self.server.url}/file/bot"

    @property
    def confirmed(self) -> int:
        """Every update below this id is confirmed."""
        return self._polling.confirmed

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.webhooks.stop()
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
        """Success and failure as JSON with `ok` (Bot API, "Making requests")."""
        try:
            answer = await self._answer(request)
        except Refused as refused:
            body: dict[str, Any] = {"ok": False, "error_code": refused.status, "description": refused.description}
            return refused.status, {}, {**body, "parameters": refused.parameters} if refused.parameters else body
        finally:
            self.news.set()
        return 200, {}, {"ok": True, "result": answer}

    async def _answer(self, request: Request) -> Any:
        """401 for a wrong token, 404 for what has not the form of one and for an unknown method (observed)."""
        if re.fullmatch(r"[0-9]+:[A-Za-z0-9_-]+", request.params["token"]) is None:
            raise Refused(404, "Not Found")
        if request.params["token"] != self.token:
            raise Refused(401, "Unauthorized")
        method = self._methods.get(request.params["method"])
        if method is None:
            raise Refused(404, "Not Found: method not found")
        return await method({**request.query, **request.form()})

    async def _download(self, request: Request) -> Answer:
        if request.params["token"] != self.token:
            return 401, {}, {"ok": False, "error_code": 401, "description": "Unauthorized"}
        return self.files.answer(request)

    async def _get_me(self, _asked: Mapping[str, str]) -> Any:
        """Bot API, getMe."""
        return {**self.me, "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}

    async def _set_webhook(self, asked: Mapping[str, str]) -> Any:
        """A poll that waits ends with 409 (observed)."""
        answer = await self.webhooks.set_webhook(asked)
        if self.webhook:
            self._polling.overtake()
        return answer
