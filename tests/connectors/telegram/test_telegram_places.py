"""Topics, replies and groups: where something was said and is shown, and what happens when the place is gone."""

from typing import Any

import pytest

from parachute_core.model.errors import Rejected
from parachute_core.model.outgoing import Place, SendKind
from parachute_core.testing.http import Fault
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.running import until
from tests.connectors.telegram.running import connected, outgoing, whole_bot

FORUM = "-1001"
TOPIC = 7


def refusal(description: str, count: int | None = 1) -> Fault:
    body = {"ok": False, "error_code": 400, "description": f"Bad Request: {description}"}
    return Fault("sendMessage", count=count, status=400, body=body)


async def test_an_answer_and_its_signs_are_in_the_topic_of_the_question(api: FakeBotApi) -> None:
    api.topics[FORUM].add(TOPIC)
    async with whole_bot(api) as bot:
        question = api.say("/status", "1", FORUM, message_thread_id=TOPIC, is_topic_message=True)
        await api.until(lambda: api.texts(FORUM))
        await bot.settled()
        api.say("@FakeBot hello", "1", FORUM, message_thread_id=TOPIC, is_topic_message=True)
        await api.until(lambda: len(api.texts(FORUM)) == 2)
        await bot.settled()

    answers = [one for one in api.history[FORUM] if one["from"]["id"] == api.me["id"]]
    assert [one["message_thread_id"] for one in answers] == [TOPIC, TOPIC]
    assert answers[0]["reply_to_message"]["message_id"] == question["message_id"]
    assert {one["message_thread_id"] for one in api.calls("sendChatAction")} == {str(TOPIC)}


async def test_a_reply_in_a_group_without_topics_is_no_topic(api: FakeBotApi) -> None:
    """Telegram numbers the threads of replies too; only a topic can be written into."""
    async with connected(api) as bot:
        api.say("hello", "1", FORUM, message_thread_id=TOPIC)
        api.say("hello", "1", FORUM, message_thread_id=TOPIC, is_topic_message=True)
        await bot.link.texts(2)

    assert [one.thread_id for one in bot.link.received] == [None, str(TOPIC)]


async def test_what_is_said_in_a_topic_that_was_deleted_comes_into_the_chat(api: FakeBotApi) -> None:
    api.group(FORUM)
    async with connected(api) as bot:
        await bot.connector.send(outgoing("hello", chat_id=FORUM, place=Place(None, "404")))
        await bot.connector.send(outgoing(kind=SendKind.TYPING, chat_id=FORUM, final=False, place=Place(None, "404")))
        await api.until(lambda: api.calls("sendChatAction"))

    assert api.texts(FORUM) == ["hello"]
    assert [one.get("message_thread_id") for one in api.calls("sendMessage")] == ["404", None]
    assert api.actions == []


async def test_a_topic_that_was_closed_is_no_reason_to_write_elsewhere(api: FakeBotApi) -> None:
    api.topics[FORUM].add(TOPIC)
    api.group(FORUM)
    api.server.faults.append(refusal("TOPIC_CLOSED"))
    async with connected(api) as bot:
        with pytest.raises(Rejected):
            await bot.connector.send(outgoing("hello", chat_id=FORUM, place=Place(None, str(TOPIC))))

    assert len(api.calls("sendMessage")) == 1


async def test_an_answer_to_a_question_that_was_deleted_is_shown_all_the_same(api: FakeBotApi) -> None:
    question = api.say("hello")
    async with connected(api) as bot:
        await bot.connector.send(outgoing("one", place=Place(str(question["message_id"]))))
        api.history["1"].remove(question)
        await bot.connector.send(outgoing("two", place=Place(str(question["message_id"]))))

    first, second = api.history["1"]
    assert first["reply_to_message"]["text"] == "hello"
    assert "reply_to_message" not in second
    assert len(api.calls("sendMessage")) == 2


@pytest.mark.parametrize("words", ["message to be replied not found", "replied message not found", "reply message not found"])
async def test_a_server_that_insists_on_the_question_gets_it_without(api: FakeBotApi, words: str) -> None:
    api.private("1")
    api.server.faults.append(refusal(words))
    async with connected(api) as bot:
        await bot.connector.send(outgoing("hello", place=Place("11")))

    assert api.texts() == ["hello"]
    assert ["reply_parameters" in one for one in api.calls("sendMessage")] == [True, False]


async def test_every_form_is_given_up_once_and_then_it_is_refused(api: FakeBotApi) -> None:
    api.private("1")
    refused = ("message to be replied not found", "can't parse entities", "message thread not found", "message to be replied not found")
    api.server.faults.extend(refusal(one) for one in refused)
    async with connected(api) as bot:
        with pytest.raises(Rejected):
            await bot.connector.send(outgoing("**hello**", place=Place("11", "7")))

    assert api.texts() == []
    assert len(api.calls("sendMessage")) == 4
    last = api.calls("sendMessage")[-1]
    assert last["text"] == "**hello**"
    assert not {"entities", "reply_parameters", "message_thread_id"} & last.keys()


async def test_what_is_no_number_is_no_place(api: FakeBotApi) -> None:
    api.private("1")
    async with connected(api) as bot:
        await bot.connector.send(outgoing("hello", place=Place("x", "y")))
        await until(lambda: api.texts() == ["hello"])

    assert not {"reply_parameters", "message_thread_id"} & api.calls("sendMessage")[0].keys()


async def test_what_was_said_in_a_group_comes_with_the_next_question(api: FakeBotApi) -> None:
    group = "-1001"
    mention = [{"type": "mention", "offset": 0, "length": 8}]
    picture: dict[str, Any] = {"text": None, "photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]}
    async with whole_bot(api) as bot:
        api.say("the roof leaks", "7", group, name="Bob")
        api.say("", "8", group, name="Cid", caption="look at it", **picture)
        api.say("/new@other_bot", "7", group, name="Bob")
        api.say("", "1", group, caption="@FakeBot what now?", caption_entities=mention, **picture)
        await api.until(lambda: "what now?" in api.texts(group))
        await bot.settled()

    (turn,) = bot.orchestrator.turns
    assert [(one.name, one.text) for one in turn.overheard] == [("Bob", "the roof leaks"), ("Cid", "look at it")]
    assert turn.sender == "Ann"
