"""The fake Bot API does what the real one does, where a bot could go wrong."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from parachute_core.testing.telegram import FakeBotApi


class Caller:
    """Calls methods as any client would."""

    def __init__(self, api: FakeBotApi, client: httpx.AsyncClient) -> None:
        self.api = api
        self._client = client

    async def __call__(self, method: str, token: str | None = None, **asked: object) -> tuple[int, Any]:
        url = f"{self.api.base_url}{token or self.api.token}/{method}"
        answer = await self._client.post(url, data={name: str(value) for name, value in asked.items()})
        body = answer.json()
        return answer.status_code, body["result"] if body["ok"] else body["description"]


@pytest.fixture
async def call() -> AsyncIterator[Caller]:
    async with FakeBotApi() as api, httpx.AsyncClient(trust_env=False) as client:
        yield Caller(api, client)


async def test_updates_come_again_until_the_offset_moves(call: Caller) -> None:
    call.api.say("one")
    call.api.say("two")
    first, second = (await call("getUpdates"))[1]
    assert (await call("getUpdates"))[1] == [first, second]
    assert (await call("getUpdates", offset=second["update_id"]))[1] == [second]
    assert (await call("getUpdates"))[1] == [second]
    assert (await call("getUpdates", offset=second["update_id"] + 1))[1] == []


async def test_a_long_poll_ends_with_the_first_update(call: Caller) -> None:
    poll = asyncio.create_task(call("getUpdates", timeout=20))
    await call.api.server.asked("getUpdates")
    call.api.say("hello")
    assert [one["message"]["text"] for one in (await poll)[1]] == ["hello"]


async def test_of_two_polls_the_older_is_refused(call: Caller) -> None:
    older = asyncio.create_task(call("getUpdates", timeout=20))
    await call.api.server.asked("getUpdates")
    newer = asyncio.create_task(call("getUpdates", timeout=20))
    assert (await older)[0] == 409
    call.api.say("hello")
    assert (await newer)[0] == 200


async def test_there_is_no_poll_beside_a_webhook(call: Caller) -> None:
    poll = asyncio.create_task(call("getUpdates", timeout=20))
    await call.api.server.asked("getUpdates")
    await call("setWebhook", url="https://a.org/hook")
    assert (await poll)[0] == 409
    assert (await call("getUpdates"))[0] == 409
    assert (await call("getWebhookInfo"))[1]["url"] == "https://a.org/hook"
    await call("deleteWebhook")
    assert (await call("getUpdates"))[0] == 200


async def test_tokens(call: Caller) -> None:
    assert (await call("getMe"))[1]["is_bot"] is True
    assert (await call("getMe", "1:other"))[0] == 401
    assert (await call("getMe", "nonsense"))[0] == 404


async def test_messages_have_limits(call: Caller) -> None:
    call.api.private("1")
    assert (await call("sendMessage", chat_id=1, text="😀" * 2048))[0] == 200
    assert await call("sendMessage", chat_id=1, text="😀" * 2048 + "a") == (400, "Bad Request: message is too long")
    assert (await call("sendMessage", chat_id=1, text=" "))[0] == 400
    assert (await call("sendMessage", chat_id=2, text="a")) == (400, "Bad Request: chat not found")
    assert (await call("sendMessage", chat_id=1, text="😀", entities='[{"type": "bold", "offset": 1, "length": 1}]'))[0] == 400
    call.api.blocked.add("1")
    assert (await call("sendMessage", chat_id=1, text="a"))[0] == 403


async def test_messages_are_edited_and_deleted(call: Caller) -> None:
    call.api.private("1")
    message_id = (await call("sendMessage", chat_id=1, text="one"))[1]["message_id"]
    assert (await call("editMessageText", chat_id=1, message_id=message_id, text="two"))[0] == 200
    status, why = await call("editMessageText", chat_id=1, message_id=message_id, text="two")
    assert (status, why.startswith("Bad Request: message is not modified")) == (400, True)
    assert (await call("getChat", chat_id=1))[1]["type"] == "private"
    assert call.api.texts() == ["two"]
    assert (await call("deleteMessage", chat_id=1, message_id=message_id))[0] == 200
    assert (await call("deleteMessage", chat_id=1, message_id=message_id))[0] == 400
    assert call.api.texts() == []
