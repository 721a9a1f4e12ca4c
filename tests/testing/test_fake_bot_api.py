"""The fake Bot API does what the real one does, where a bot could go wrong."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from parachute_core.testing.http import Answer, JsonServer, Request
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


async def test_topics_and_replies_are_where_they_were_asked_for(call: Caller) -> None:
    api = call.api
    api.group("-1")
    api.topics["-1"].add(7)
    question = api.say("why?", "1", "-1")
    reply = f'{{"message_id": {question["message_id"]}}}'
    status, sent = await call("sendMessage", chat_id=-1, text="a", message_thread_id=7, reply_parameters=reply)
    assert (status, sent["message_thread_id"], sent["reply_to_message"]["text"]) == (200, 7, "why?")
    assert await call("sendMessage", chat_id=-1, text="a", message_thread_id=8) == (400, "Bad Request: message thread not found")
    assert (await call("sendChatAction", chat_id=-1, action="typing", message_thread_id=8))[0] == 400
    missing = '{"message_id": 404}'
    assert await call("sendMessage", chat_id=-1, text="a", reply_parameters=missing) == (
        400,
        "Bad Request: message to be replied not found",
    )
    lenient = '{"message_id": 404, "allow_sending_without_reply": true}'
    assert "reply_to_message" not in (await call("sendMessage", chat_id=-1, text="a", reply_parameters=lenient))[1]


async def test_a_group_that_was_upgraded_is_told_in_both_chats_and_refuses_messages(call: Caller) -> None:
    call.api.upgrade("-1", "-1002")
    told = [one["message"] for one in (await call("getUpdates"))[1]]
    assert [one.get("migrate_to_chat_id") for one in told] == [-1002, None]
    assert [one.get("migrate_from_chat_id") for one in told] == [None, -1]
    assert (await call("sendMessage", chat_id=-1, text="a"))[0] == 400
    assert (await call("sendMessage", chat_id=-1002, text="a"))[0] == 200


async def test_files_are_given_out_to_the_bot_alone(call: Caller) -> None:
    api = call.api
    file_id = api.files.add(b"sound")
    path = (await call("getFile", file_id=file_id))[1]["file_path"]
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(f"{api.base_file_url}{api.token}/{path}")).content == b"sound"
        assert (await client.get(f"{api.base_file_url}{api.token}/voice/other")).status_code == 404
        assert (await client.get(f"{api.base_file_url}1:other/{path}")).status_code == 401
    assert (await call("getFile", file_id="other"))[0] == 400
    large = api.files.add(b"x" * (20 * 1024 * 1024 + 1))
    assert await call("getFile", file_id=large) == (400, "Bad Request: file is too big")


async def test_updates_are_brought_in_order_with_the_secret_until_they_are_taken(call: Caller) -> None:
    api = call.api
    got: list[tuple[str, str | None]] = []
    refusals = [503, 500]

    async def take(request: Request) -> Answer:
        if refusals:
            return refusals.pop(), {}, None
        got.append((request.json()["message"]["text"], request.headers.get("x-telegram-bot-api-secret-token")))
        return 200, {}, None

    async with JsonServer() as bot:
        bot.route("POST", "/hook", take)
        assert (await call("setWebhook", url=f"{bot.url}/hook", secret_token="se-cret"))[0] == 200
        for text in ("one", "two", "three"):
            api.say(text)
        await api.until(lambda: not api.updates)
        assert got == [("one", "se-cret"), ("two", "se-cret"), ("three", "se-cret")]
        info = (await call("getWebhookInfo"))[1]
        assert (info["pending_update_count"], info["last_error_message"]) == (0, "Wrong response from the webhook: 503")
    api.say("nobody listens")
    await api.until(lambda: 0 in api.webhooks.statuses)
    assert (await call("deleteWebhook"))[0] == 200
    assert [one["message"]["text"] for one in (await call("getUpdates"))[1]] == ["nobody listens"]


async def test_webhooks_that_the_real_one_refuses(call: Caller) -> None:
    assert (await call("setWebhook", url="http://bot.example.org"))[0] == 400
    for secret in ("", "a b", "\u00e4", "x" * 257):
        assert (await call("setWebhook", url="https://bot.example.org", secret_token=secret))[0] == 400
    call.api.say("waits")
    assert (await call("deleteWebhook", drop_pending_updates="true"))[0] == 200
    assert (await call("getUpdates"))[1] == []
