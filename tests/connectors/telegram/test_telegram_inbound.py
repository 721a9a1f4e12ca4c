"""What people write on Telegram, as the core gets it, and what never gets there."""

import logging
from typing import Any

import pytest

from parachute_core.model.message import ChatType, Inbound
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.telegram.running import connected

GROUP = "-1001"


async def received(api: FakeBotApi, **settings: object) -> list[Inbound]:
    """What was handed over of all that was said so far; one more message shows that everything before it was looked at."""
    async with connected(api, **settings) as bot:  # type: ignore[arg-type]
        api.say("that was all", "777")
        await api.until(lambda: not api.updates)
    assert bot.link.received[-1].user_id == "777"
    return bot.link.received[:-1]


async def addressed(api: FakeBotApi, **settings: object) -> list[tuple[str, bool]]:
    return [(one.text, one.addressed) for one in await received(api, **settings)]


async def test_a_private_message_is_handed_over_whole(api: FakeBotApi) -> None:
    async with connected(api) as bot:
        said = api.say("Hello there", "42", name="Ann")
        await bot.link.texts(1)

    (message,) = bot.link.received
    assert (message.platform, message.chat_id, message.user_id, message.text) == ("telegram", "42", "42", "Hello there")
    assert (message.message_id, message.user_name) == (str(said["message_id"]), "Ann")
    assert message.chat_type is ChatType.DIRECT
    assert message.addressed
    assert message.received_at == bot.clock.now()


async def test_the_name_is_the_full_one(api: FakeBotApi) -> None:
    fields: dict[str, Any] = {"from": {"id": 42, "is_bot": False, "first_name": "Ann", "last_name": "Example"}}
    api.say("hi", **fields)

    assert [one.user_name for one in await received(api)] == ["Ann Example"]


@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_a_group_is_a_group(api: FakeBotApi, kind: str) -> None:
    api.group(GROUP, kind)
    api.say("hello all", "42", GROUP)

    (message,) = await received(api)
    assert (message.chat_id, message.chat_type, message.addressed) == (GROUP, ChatType.GROUP, False)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("@FakeBot how are you", "how are you"),
        ("@fakebot how are you", "how are you"),
        ("how are you @FAKEBOT", "how are you"),
        ("how @FakeBot are you", "how are you"),
        ("😀😀 @FakeBot 😀 ok", "😀😀 😀 ok"),
        ("@FakeBot", "@FakeBot"),
        ("@FakeBot /new", "/new"),
        ("@FakeBot, ask @FakeBotany", ", ask @FakeBotany"),
        ("one\n@FakeBot two", "one\ntwo"),
    ],
)
async def test_a_mention_addresses_the_bot_and_is_cut_out_exactly(api: FakeBotApi, text: str, left: str) -> None:
    api.say(text, "42", GROUP)

    assert await addressed(api) == [(left, True)]


@pytest.mark.parametrize("text", ["@FakeBotany grows", "a@FakeBot.org", "FakeBot", "ask the @Other_bot", "the fakebot said /new"])
async def test_a_name_that_only_looks_like_the_bots_does_not(api: FakeBotApi, text: str) -> None:
    api.say(text, "42", GROUP)

    assert await addressed(api) == [(text, False)]


async def test_a_mention_that_telegram_did_not_mark_is_none(api: FakeBotApi) -> None:
    api.say("@FakeBot in a code block", "42", GROUP, entities=[{"type": "code", "offset": 0, "length": 8}])

    assert await addressed(api) == [("@FakeBot in a code block", False)]


async def test_a_mention_without_a_name_addresses_the_bot(api: FakeBotApi) -> None:
    mention = {"type": "text_mention", "offset": 3, "length": 8, "user": api.me}
    api.say("😀 Fake Bot hello", "42", GROUP, entities=[mention])
    api.say("😀 Somebody hello", "42", GROUP, entities=[{**mention, "user": api.user("43")}])

    assert await addressed(api) == [("😀 hello", True), ("😀 Somebody hello", False)]


async def test_a_reply_to_the_bot_addresses_it(api: FakeBotApi) -> None:
    chat = api.group(GROUP)
    by_bot, by_ann = api.post(chat, api.me, "Yes?", []), api.post(chat, api.user("43"), "No.", [])
    topic = {**by_bot, "forum_topic_created": {"name": "Topic", "icon_color": 1}}
    for replied in (by_bot, by_ann, topic):
        api.say("why", "42", GROUP, reply_to_message=replied)

    assert await addressed(api) == [("why", True), ("why", False), ("why", False)]


async def test_commands_of_a_group_are_for_whom_they_name(api: FakeBotApi) -> None:
    for text in ("/new", "/new@FakeBot", "/new@fakebot please", "/new@other_bot", "see /new", "see /new@FakeBot"):
        api.say(text, "42", GROUP)

    assert await addressed(api) == [
        ("/new", True),
        ("/new@FakeBot", True),
        ("/new@fakebot please", True),
        ("see /new", False),
        ("see /new@FakeBot", True),
    ]


async def test_all_messages_of_a_group_may_be_for_the_bot_but_not_another_bots_commands(api: FakeBotApi) -> None:
    for text in ("hello", "@FakeBot hello", "/new@other_bot"):
        api.say(text, "42", GROUP)

    assert await addressed(api, group_mention_mode="all_messages") == [("hello", True), ("hello", True)]


async def test_a_caption_is_a_text(api: FakeBotApi) -> None:
    mention = {"type": "mention", "offset": 0, "length": 8}
    api.say("", "42", GROUP, text=None, caption="@FakeBot look", caption_entities=[mention])

    assert await addressed(api) == [("look", True)]


@pytest.mark.parametrize(
    "fields",
    [
        {"text": None, "new_chat_members": [{"id": 5, "is_bot": False, "first_name": "Bea"}]},
        {"text": None, "pinned_message": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}}},
        {"from": None},
        {"from": {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}},
        {
            "from": {"id": 777000, "is_bot": False, "first_name": "Telegram"},
            "sender_chat": {"id": -1002, "type": "channel", "title": "News"},
        },
        {"from": {"id": 6, "is_bot": True, "first_name": "Other bot"}},
    ],
)
async def test_what_no_person_wrote_is_ignored(api: FakeBotApi, fields: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "parachute_core")
    api.say("secret words @FakeBot", "42", GROUP, **fields)

    assert await received(api) == []
    assert [one.message for one in caplog.records if one.name == "parachute_core.test"] == ["an update is ignored"]
    assert "secret words" not in caplog.text


async def test_edits_and_channels_are_ignored(api: FakeBotApi) -> None:
    message = api.say("first", "42")
    api.push("edited_message", {**message, "text": "changed", "edit_date": 1})
    channel = api.group("-1009", "channel")
    api.push("channel_post", {"message_id": 1, "date": 0, "chat": channel, "text": "news"})
    api.push("my_chat_member", {})

    assert [one.text for one in await received(api)] == ["first"]


async def test_only_messages_are_asked_for(api: FakeBotApi) -> None:
    await received(api)

    assert {one["allowed_updates"] for one in api.calls("getUpdates")} == {'["message", "callback_query"]'}
