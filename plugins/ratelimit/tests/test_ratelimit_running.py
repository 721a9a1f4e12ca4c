"""Messages that enter through a connector meet the limit."""

from typing import Any

import pytest

from parachute_core import ChatType, ConfigError, Deny, Inbound
from parachute_core.testing import RunningBot, running_bot

TOLD = "You're writing faster than I can answer — please try again in {}."


async def spend(bot: RunningBot, count: int, user_id: str = "1", every: float = 0.0, **where: Any) -> None:
    for number in range(count):
        await bot.say(f"message {number}", user_id, **where)
        await bot.clock.advance(every)
    await bot.settled()


def asked(bot: RunningBot) -> int:
    """How many messages reached the agent."""
    return len(bot.orchestrator.turns)


async def test_the_eleventh_message_within_a_minute_is_refused_with_the_time_to_wait() -> None:
    async with running_bot(["ratelimit"]) as bot:
        await spend(bot, 10, every=1.0)
        assert await bot.ask("the eleventh") == [TOLD.format("50 seconds")]
        assert asked(bot) == 10


async def test_a_wait_of_one_second_is_one_second() -> None:
    async with running_bot(["ratelimit"]) as bot:
        await spend(bot, 10)
        await bot.clock.advance(59.25)
        assert await bot.ask("the eleventh") == [TOLD.format("1 second")]


async def test_the_first_message_after_the_window_is_answered() -> None:
    async with running_bot(["ratelimit"]) as bot:
        await spend(bot, 11)
        await bot.clock.advance(59.75)
        assert await bot.ask("too early") == []
        await bot.clock.advance(0.25)
        assert await bot.ask("in time") == ["in time"]


async def test_a_refused_message_is_not_queued() -> None:
    async with running_bot(["ratelimit"]) as bot:
        await spend(bot, 15)
        await bot.clock.advance(600)
        await bot.settled()
        assert asked(bot) == 10


async def test_refused_messages_do_not_make_the_wait_longer() -> None:
    async with running_bot(["ratelimit"]) as bot:
        await spend(bot, 10)
        await spend(bot, 100, every=0.5)
        await bot.clock.advance(10.0)
        assert await bot.ask("in time") == ["in time"]


async def test_no_double_load_passes_at_the_edge_of_a_window() -> None:
    async with running_bot(["ratelimit"]) as bot:
        await spend(bot, 1)
        await bot.clock.advance(59.0)
        await spend(bot, 9)
        await bot.clock.advance(1.0)
        await spend(bot, 10)
        assert asked(bot) == 11


async def test_one_reply_an_episode_and_silence_until_a_message_is_admitted() -> None:
    async with running_bot({"ratelimit": {"limit": 1, "window": 60}}) as bot:
        assert await bot.ask("one") == ["one"]
        assert await bot.ask("two") == [TOLD.format("60 seconds")]
        await bot.clock.advance(30.0)
        assert await bot.ask("three") == []
        await bot.clock.advance(30.0)
        assert await bot.ask("four") == ["four"]
        assert await bot.ask("five") == [TOLD.format("60 seconds")]


async def test_each_episode_is_told_however_soon_it_follows() -> None:
    async with running_bot({"ratelimit": {"limit": 2}}) as bot:
        await spend(bot, 2, every=29.5)
        assert await bot.ask("refused") == [TOLD.format("1 second")]
        await bot.clock.advance(1.0)
        assert await bot.ask("admitted") == ["admitted"]
        assert await bot.ask("refused again") == [TOLD.format("30 seconds")]  # the second token was spent at 29.5


async def test_notify_always_answers_each_refused_message() -> None:
    async with running_bot({"ratelimit": {"limit": 1, "notify": "always", "message": "Easy! {wait}."}}) as bot:
        assert await bot.ask("one") == ["one"]
        assert await bot.ask("two") == ["Easy! 60 seconds."]
        await bot.clock.advance(20.0)
        assert await bot.ask("three") == ["Easy! 40 seconds."]


async def test_a_long_wait_is_told_in_minutes() -> None:
    async with running_bot({"ratelimit": {"limit": 1, "window": 3600}}) as bot:
        assert await bot.ask("one") == ["one"]
        assert await bot.ask("two") == [TOLD.format("60 minutes")]


async def test_strangers_are_limited_too() -> None:
    async with running_bot({"ratelimit": {"limit": 2}}) as bot:
        await spend(bot, 20, user_id="666")
        refusal, told = bot.texts("666")
        assert told == TOLD.format("60 seconds")
        assert refusal != told
        assert asked(bot) == 0


async def test_slash_commands_count_like_any_message() -> None:
    async with running_bot({"ratelimit": {"limit": 2}}) as bot:
        assert len(await bot.ask("/help")) == 1
        assert len(await bot.ask("/new")) == 1
        assert await bot.ask("/help") == [TOLD.format("60 seconds")]


async def test_other_chats_are_not_touched() -> None:
    async with running_bot({"ratelimit": {"limit": 2}}, allowed=("1", "2")) as bot:
        await spend(bot, 5, user_id="1")
        assert await bot.ask("hello", "2") == ["hello"]
        assert await bot.ask("hello from a group", "1", "-100") == ["hello from a group"]


async def test_the_members_of_a_group_share_its_bucket() -> None:
    async with running_bot({"ratelimit": {"limit": 2}}, allowed=("1", "2")) as bot:
        await spend(bot, 1, user_id="1", chat_id="-100", chat_type=ChatType.GROUP)
        await spend(bot, 1, user_id="2", chat_id="-100", chat_type=ChatType.GROUP)
        assert await bot.ask("one more", "1", "-100") == [TOLD.format("60 seconds")]


async def test_chatter_that_is_not_for_the_bot_costs_nothing() -> None:
    async with running_bot({"ratelimit": {"limit": 1}}) as bot:
        for _ in range(5):
            await bot.say("lunch?", "1", "-100", chat_type=ChatType.GROUP, addressed=False)
        assert await bot.ask("@bot hello", "1", "-100") == ["@bot hello"]


async def test_the_same_chat_id_on_another_platform_is_another_chat() -> None:
    async with running_bot({"ratelimit": {"limit": 1}}) as bot:
        (plugin,) = bot.runtime.hooks.plugins
        gate: Any = plugin.plugin

        async def judge(platform: str) -> Deny | None:
            verdict: Deny | None = await gate.before_dispatch(Inbound(platform, "7", "1", "hello", "1", bot.clock.now()))
            return verdict

        assert await judge("telegram") is None
        assert await judge("discord") is None
        assert await judge("telegram") is not None


@pytest.mark.parametrize("jump", [-500.0, -3600.0, 60.0, 86_400.0])
async def test_setting_the_machines_clock_changes_nothing(jump: float) -> None:
    async with running_bot(["ratelimit"]) as bot:
        await spend(bot, 10)
        bot.clock.jump_wall(jump)
        assert await bot.ask("the eleventh") == [TOLD.format("60 seconds")]
        await bot.clock.advance(60.0)
        assert await bot.ask("in time") == ["in time"]


async def test_a_template_that_cannot_be_filled_in_stops_the_start() -> None:
    with pytest.raises(ConfigError, match=r"\{seconds\} cannot be filled in"):
        async with running_bot({"ratelimit": {"message": "wait {seconds}"}}):
            pass


async def test_nothing_limits_when_the_plugin_is_off() -> None:
    async with running_bot() as bot:
        await spend(bot, 30, every=0.1)
        assert asked(bot) == 30
