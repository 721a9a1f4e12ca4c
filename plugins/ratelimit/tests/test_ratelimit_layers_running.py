"""Layers, exemptions and caps meet messages that enter through a connector."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from parachute_core import ChatType, ConfigError
from parachute_core.testing import RunningBot, running_bot

USER, CHAT = {"per": "user", "limit": 2}, {"per": "chat", "limit": 4}
GROUP = "-100"


def limits(*layers: Mapping[str, object], **more: object) -> dict[str, dict[str, object]]:
    return {"ratelimit": {"limits": [dict(layer) for layer in layers], **more}}


async def in_group(bot: RunningBot, text: str, user_id: str) -> list[str]:
    """What the group reads when a member writes to the bot."""
    before = len(bot.texts(GROUP))
    await bot.say(text, user_id, GROUP, chat_type=ChatType.GROUP)
    await bot.settled()
    return bot.texts(GROUP)[before:]


async def test_one_member_cannot_lock_out_a_group() -> None:
    async with running_bot(limits(USER, CHAT), allowed=("1", "2")) as bot:
        for number in range(50):
            await in_group(bot, f"noise {number}", "1")
        assert len(bot.orchestrator.turns) == 2
        assert await in_group(bot, "hello", "2") == ["hello"]


async def test_a_groups_chatter_cannot_lock_out_a_member_where_only_users_are_limited() -> None:
    async with running_bot(limits(USER), allowed=("1", "2", "3", "4")) as bot:
        for number in range(30):
            await in_group(bot, f"noise {number}", "123"[number % 3])
        assert await in_group(bot, "hello", "4") == ["hello"]


async def test_a_user_has_one_bucket_in_all_chats() -> None:
    async with running_bot(limits(USER)) as bot:
        assert await bot.ask("one") == ["one"]
        assert await in_group(bot, "two", "1") == ["two"]
        assert await bot.ask("three") == ["You're writing faster than I can answer — please try again in 60 seconds."]


@pytest.mark.parametrize(
    ("per", "says"),
    [
        ("user", "You're writing faster than I can answer — please try again in 60 seconds."),
        ("chat", "This chat is writing faster than I can answer — please try again in 60 seconds."),
        ("platform", "I'm getting more messages here than I can answer — please try again in 60 seconds."),
        ("all", "I'm getting more messages than I can answer — please try again in 60 seconds."),
    ],
)
async def test_the_reply_names_the_layer_that_refused(per: str, says: str) -> None:
    async with running_bot(limits({"per": per, "limit": 1}, {"per": "all", "limit": 50})) as bot:
        assert await bot.ask("one") == ["one"]
        assert await bot.ask("two") == [says]


async def test_the_owners_own_words_may_name_the_layer_too() -> None:
    async with running_bot(limits(USER, message="Too much from {who}: {wait}.")) as bot:
        await bot.ask("one")
        await bot.ask("two")
        assert await bot.ask("three") == ["Too much from you: 60 seconds."]


async def test_a_refused_message_costs_no_layer_anything() -> None:
    async with running_bot(limits({"per": "user", "limit": 1}, {"per": "all", "limit": 2}), allowed=("1", "2", "3")) as bot:
        for number in range(20):
            await bot.ask(f"noise {number}", "1")
        assert await bot.ask("hello", "2") == ["hello"]
        assert await bot.ask("hello", "3") != ["hello"]


async def test_each_refused_member_is_told_once() -> None:
    async with running_bot(limits({"per": "user", "limit": 1}), allowed=("1", "2", "3")) as bot:
        for user in "12":
            assert await in_group(bot, f"hello of {user}", user) == [f"hello of {user}"]
        for user in "12":
            (told,) = await in_group(bot, "again", user)
            assert told.startswith("You're writing faster")
            assert await in_group(bot, "and again", user) == []
        assert await in_group(bot, "hello of 3", "3") == ["hello of 3"]
        assert await in_group(bot, "still", "1") == []


async def test_a_layer_is_open_again_when_the_reply_said_so() -> None:
    async with running_bot(limits({"per": "chat", "limit": 1, "window": 5}, {"per": "all", "limit": 2, "window": 90})) as bot:
        await bot.ask("one")
        await bot.clock.advance(5.0)
        await bot.ask("two")
        assert await bot.ask("three") == ["I'm getting more messages than I can answer — please try again in 85 seconds."]
        await bot.clock.advance(85.0)
        assert await bot.ask("four") == ["four"]


async def test_strangers_cannot_use_up_what_all_share() -> None:
    async with running_bot(limits({"per": "chat", "limit": 2}, {"per": "all", "limit": 2})) as bot:
        for number in range(600, 640):
            await bot.ask("let me in", str(number))
        assert await bot.ask("hello") == ["hello"]


async def test_exempt_users_are_neither_limited_nor_counted() -> None:
    plugins = limits({"per": "all", "limit": 1}, exempt={"telegram": ["1"], "discord": ["2"]})
    async with running_bot(plugins, allowed=("1", "2")) as bot:
        for number in range(20):
            assert await bot.ask(f"message {number}", "1") == [f"message {number}"]
        assert await bot.ask("hello", "2") == ["hello"]
        assert await bot.ask("again", "2") != ["again"]  # it is another platform's user 2 that is exempt


async def test_the_short_form_beside_layers_stops_the_start() -> None:
    with pytest.raises(ConfigError, match="limit cannot stand beside limits"):
        async with running_bot(limits(USER, limit=3)):
            pass


async def began(bot: RunningBot, count: int) -> None:
    """So many turns have reached the agent, and no more do by themselves, though the store's thread and the others had their time."""
    await bot.orchestrator.asked(count, within=10.0)
    for _ in range(20):
        await asyncio.to_thread(int)
        await bot.clock.advance(0)
    assert len(bot.orchestrator.turns) == count


async def read(bot: RunningBot, chat_id: str) -> list[str]:
    """What the chat has read, once it has read something."""
    async with asyncio.timeout(10.0):
        while not bot.texts(chat_id):
            await asyncio.to_thread(int)
    return bot.texts(chat_id)


async def test_a_turn_too_many_waits_for_its_place() -> None:
    async with running_bot({"ratelimit": {"max_turns": {"overall": 2}}}, allowed=("1", "2", "3")) as bot:
        bot.orchestrator.hold()
        for user in "123":
            await bot.say(f"hello of {user}", user)
        await began(bot, 2)
        bot.orchestrator.release()
        await bot.settled()
        assert [bot.texts(user) for user in "123"] == [["hello of 1"], ["hello of 2"], ["hello of 3"]]


async def test_a_turn_too_many_is_refused_where_that_is_wanted() -> None:
    async with running_bot({"ratelimit": {"max_turns": {"overall": 1, "when_full": "refuse"}}}, allowed=("1", "2")) as bot:
        bot.orchestrator.hold()
        await bot.say("hello", "1")
        await began(bot, 1)
        await bot.say("hello", "2")
        assert await read(bot, "2") == ["I'm busy with other conversations right now — please try again in a moment."]
        bot.orchestrator.release()
        await bot.settled()
        assert await bot.ask("now?", "2") == ["now?"]


async def test_one_user_cannot_take_every_place() -> None:
    plugins: dict[str, Any] = {"ratelimit": {"max_turns": {"per_user": 1, "when_full": "refuse"}}}
    async with running_bot(plugins, allowed=("1", "2")) as bot:
        bot.orchestrator.hold()
        await bot.say("hello", "1")
        await began(bot, 1)
        await bot.say("me too", "1", GROUP, chat_type=ChatType.GROUP)
        assert await read(bot, GROUP) == ["I'm still busy with your other messages — please try again when they are answered."]
        await bot.say("and me", "2", GROUP, chat_type=ChatType.GROUP)
        await began(bot, 2)


async def test_the_messages_of_one_chat_follow_each_other_and_are_no_turns_at_once() -> None:
    plugins: dict[str, Any] = {"ratelimit": {"max_turns": {"per_user": 1, "overall": 1, "when_full": "refuse"}}}
    async with running_bot(plugins) as bot:
        for number in range(5):
            await bot.say(f"message {number}")
        await bot.settled()
        assert bot.texts() == [f"message {number}" for number in range(5)]


async def test_a_new_conversation_frees_the_place_of_the_old_one() -> None:
    async with running_bot({"ratelimit": {"max_turns": {"overall": 1}}}, allowed=("1", "2")) as bot:
        bot.orchestrator.hold()
        await bot.say("hello", "1")
        await began(bot, 1)
        await bot.say("hello", "2")
        await bot.say("/new", "2")
        await bot.say("/new", "1")
        await began(bot, 1)
        await bot.say("good morning", "2")
        await began(bot, 2)
        bot.orchestrator.release()
        await bot.settled()
        assert bot.texts("2")[-1] == "good morning"


async def test_a_place_is_free_again_however_the_turn_ended() -> None:
    async with running_bot({"ratelimit": {"max_turns": {"overall": 1, "when_full": "refuse"}}}) as bot:
        bot.orchestrator.answers.append(RuntimeError("broken"))
        (trouble,) = await bot.ask("one")
        assert trouble != "one"
        assert await bot.ask("two") == ["two"]


async def test_exempt_users_take_no_place() -> None:
    plugins: dict[str, Any] = {"ratelimit": {"max_turns": {"overall": 1, "when_full": "refuse"}, "exempt": {"telegram": ["1"]}}}
    async with running_bot(plugins, allowed=("1", "2")) as bot:
        bot.orchestrator.hold()
        await bot.say("hello", "1")
        await began(bot, 1)
        await bot.say("hello", "2")
        await began(bot, 2)
