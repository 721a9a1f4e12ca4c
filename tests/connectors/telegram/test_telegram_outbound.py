"""One call of the Bot API for each thing to send, and what every way of failing means for the message."""

import json
from typing import Any

import pytest

from parachute_core.model.errors import Ambiguous, NotDelivered, Rejected, SendError
from parachute_core.model.outgoing import SendKind
from parachute_core.model.traits import utf16_units
from parachute_core.testing.http import Fault
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.telegram.running import SHORT, connected, connector_for, outgoing

EDIT = SendKind.EDIT
BROKEN_ENTITIES = {"ok": False, "error_code": 400, "description": "Bad Request: can't parse entities: whatever"}


async def failing(api: FakeBotApi, *faults: Fault, kind: SendKind = SendKind.MESSAGE) -> SendError:
    api.private("1")
    api.server.faults.extend(faults)
    async with connected(api, timeouts=SHORT) as bot:
        with pytest.raises(SendError) as caught:
            await bot.connector.send(outgoing("hello", kind, target_id="11" if kind is EDIT else None))
    return caught.value


async def test_a_message_arrives_with_its_receipt(api: FakeBotApi) -> None:
    api.private("1")
    async with connected(api) as bot:
        receipt = await bot.connector.send(outgoing("hello"))

    assert api.texts("1") == ["hello"]
    assert receipt.message_id == str(api.history["1"][0]["message_id"])


async def test_formatting_travels_as_entities(api: FakeBotApi) -> None:
    api.private("1")
    async with connected(api) as bot:
        await bot.connector.send(outgoing("😀 **bold** snake_case [site](https://a.org)\n```py\nx = 1\n```"))

    (call,) = api.calls("sendMessage")
    assert "parse_mode" not in call
    assert api.texts("1") == ["😀 bold snake_case site\nx = 1"]
    assert json.loads(call["entities"]) == [
        {"type": "bold", "offset": 3, "length": 4},
        {"type": "text_link", "offset": 19, "length": 4, "url": "https://a.org"},
        {"type": "pre", "offset": 24, "length": 5, "language": "py"},
    ]


async def test_an_edit_changes_the_message_and_one_that_changes_nothing_is_fine(api: FakeBotApi) -> None:
    api.private("1")
    async with connected(api) as bot:
        first = await bot.connector.send(outgoing("one"))
        receipts = [await bot.connector.send(outgoing("*two*", EDIT, target_id=first.message_id)) for _ in range(2)]

    assert api.texts("1") == ["two"]
    assert receipts == [first, first]


async def test_the_longest_text_is_taken(api: FakeBotApi) -> None:
    api.private("1")
    connector = connector_for(api)
    text = "😀" * (connector.traits.max_length // 2)
    assert connector.traits.measure(text) == utf16_units(text) == 4096
    async with connected(api) as bot:
        await bot.connector.send(outgoing(text))

    assert api.texts("1") == [text]


@pytest.mark.parametrize("kind", [SendKind.MESSAGE, EDIT])
async def test_refused_formatting_is_sent_once_more_as_it_was_written(api: FakeBotApi, kind: SendKind) -> None:
    api.private("1")
    async with connected(api) as bot:
        first = await bot.connector.send(outgoing("one"))
        api.server.faults.append(Fault("sendMessage|editMessageText", status=400, body=BROKEN_ENTITIES))
        await bot.connector.send(outgoing("a **b** c", kind, target_id=first.message_id if kind is EDIT else None))

    assert api.texts("1")[-1] == "a **b** c"


async def test_plain_text_that_is_refused_is_not_repeated(api: FakeBotApi) -> None:
    error = await failing(api, Fault("sendMessage", status=400, body=BROKEN_ENTITIES))

    assert isinstance(error, Rejected)
    assert len(api.calls("sendMessage")) == 1


async def test_too_many_requests_say_how_long_to_wait(api: FakeBotApi) -> None:
    body = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 17", "parameters": {"retry_after": 17}}
    error = await failing(api, Fault("sendMessage", status=429, body=body))

    assert isinstance(error, NotDelivered)
    assert error.retry_after == 17


async def test_too_many_requests_without_a_time(api: FakeBotApi) -> None:
    error = await failing(api, Fault("sendMessage", status=429, body={"ok": False, "error_code": 429, "description": "Too Many Requests"}))

    assert isinstance(error, NotDelivered)
    assert error.retry_after is None


@pytest.mark.parametrize("kind", [SendKind.MESSAGE, EDIT])
@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500, "body": {"ok": False, "error_code": 500, "description": "Internal Server Error"}},
        {"status": 502, "body": "<html>Bad Gateway</html>"},
        {"status": 504},
        {"status": 200, "body": "<html>hello</html>"},
        {"status": 200, "body": {"ok": True}},
        {"reset": True},
        {"lost": True},
        {"cut": 5},
        {"hang": True},
    ],
)
async def test_what_may_have_arrived_is_ambiguous(api: FakeBotApi, fault: dict[str, Any], kind: SendKind) -> None:
    api.private("1")
    api.post(api.chats["1"], api.me, "before", [])
    error = await failing(api, Fault("sendMessage|editMessage", **fault), kind=kind)

    assert type(error) is Ambiguous


async def test_a_server_that_cannot_be_reached_got_nothing(api: FakeBotApi) -> None:
    api.private("1")
    async with connected(api) as bot:
        await api.server.stop()
        with pytest.raises(NotDelivered):
            await bot.connector.send(outgoing("hello"))


async def test_a_proxys_refusal_let_nothing_through(api: FakeBotApi) -> None:
    error = await failing(api, Fault("sendMessage", status=404, body="<html>not here</html>"))

    assert type(error) is NotDelivered


async def test_a_person_who_blocked_the_bot_gets_nothing(api: FakeBotApi) -> None:
    api.blocked.add("1")
    error = await failing(api)

    assert isinstance(error, Rejected)
    assert str(error) == "the chat blocked the bot"


async def test_an_unknown_chat_is_refused(api: FakeBotApi) -> None:
    async with connected(api) as bot:
        with pytest.raises(Rejected, match="chat not found"):
            await bot.connector.send(outgoing("hello", chat_id="404"))


async def test_a_refusal_does_not_quote_the_message(api: FakeBotApi) -> None:
    body = {"ok": False, "error_code": 400, "description": "Bad Request: wrong text: my secret words"}
    error = await failing(api, Fault("sendMessage", status=400, body=body))

    assert isinstance(error, Rejected)
    assert "secret" not in str(error)


async def test_a_refused_token_is_rejected(api: FakeBotApi) -> None:
    api.private("1")
    async with connected(api) as bot:
        api.token = "1:another"
        with pytest.raises(Rejected) as caught:
            await bot.connector.send(outgoing("hello"))

    assert "fake-token" not in str(caught.value)


async def test_a_group_that_got_another_id_is_followed(api: FakeBotApi) -> None:
    api.group("-1", "group")
    api.group("-1002")
    api.migrated["-1"] = "-1002"
    async with connected(api) as bot:
        await bot.connector.send(outgoing("one", chat_id="-1"))
        await bot.connector.send(outgoing("two", chat_id="-1"))

    assert api.texts("-1002") == ["one", "two"]
    assert [one["chat_id"] for one in api.calls("sendMessage")] == ["-1", "-1002", "-1002"]


async def test_a_message_is_sent_while_the_polls_fail(api: FakeBotApi) -> None:
    """What keeps the bot from hearing (another poller, say) need not keep it from speaking."""
    api.private("1")
    connector = connector_for(api)
    await connector.send(outgoing("hello"))

    assert api.texts("1") == ["hello"]
    assert api.calls("getUpdates") == []


async def test_an_edit_of_nothing_is_refused(api: FakeBotApi) -> None:
    api.private("1")
    async with connected(api) as bot:
        with pytest.raises(Rejected):
            await bot.connector.send(outgoing("hello", EDIT))
        with pytest.raises(Rejected, match="message to edit not found"):
            await bot.connector.send(outgoing("hello", EDIT, target_id="999"))


async def test_who_the_bot_is(api: FakeBotApi) -> None:
    assert await connector_for(api).test() == {"bot_name": "Fake Bot", "bot_username": "FakeBot"}
