"""What was written while the connection was away: resumed or fetched, in order, once each."""

from parachute_core.testing.discord import FakeDiscord, rate_limit
from tests.connectors.discord.running import connected, until


async def test_a_dropped_connection_is_resumed_and_nothing_is_lost_or_doubled(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        discord.say("one")
        await bot.link.texts(1)
        discord.gateway.drop()
        await discord.gateway.until(connected=0)
        discord.say("two")
        discord.say("three", "2")
        await discord.gateway.until(resumed=1)
        discord.say("four")
        await bot.link.texts(4)
        await until(lambda: "RESUMED" in bot.link.proofs)

    assert sorted(one.text for one in bot.link.received) == ["four", "one", "three", "two"]
    assert discord.gateway.identified == 1


async def test_the_gateways_wish_to_reconnect_is_followed(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        discord.gateway.ask_to_reconnect()
        await discord.gateway.until(resumed=1)
        discord.say("still there?")
        assert await bot.link.texts(1) == ["still there?"]


async def test_what_was_missed_between_two_sessions_is_fetched_in_order_and_once(discord: FakeDiscord) -> None:
    room, unknown = discord.room(), discord.room()
    async with connected(discord) as bot:
        discord.say("one")
        discord.say(f"<@{discord.bot_id}> r1", "2", room)
        await bot.link.texts(2)
        discord.gateway.forget_sessions()
        for number in range(120):
            discord.say(f"missed {number}")
        discord.say(f"<@{discord.bot_id}> r2", "2", room)
        discord.say(f"<@{discord.bot_id}> nobody spoke here before", "3", unknown)
        discord.gateway.invalidate()
        await discord.gateway.until(identified=2)
        discord.say("after")
        await bot.link.texts(124)

    direct = [one.text for one in bot.link.received if one.chat_id == discord.direct("1")]
    assert direct == ["one", *(f"missed {number}" for number in range(120)), "after"]
    assert [(one.text, one.chat_type.value, one.addressed) for one in bot.link.received if one.chat_id == room] == [
        ("r1", "group", True),
        ("r2", "group", True),
    ]
    assert bot.link.proofs.count("READY") == 2


async def test_fetching_what_was_missed_waits_for_a_rate_limit(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        discord.say("one")
        await bot.link.texts(1)
        discord.server.faults.append(rate_limit("/messages$", 7.0))
        discord.gateway.forget_sessions()
        discord.say("missed")
        discord.gateway.invalidate()
        await bot.clock.sleeping(7.0)
        await bot.clock.advance(7.0)
        assert await bot.link.texts(2) == ["one", "missed"]


async def test_a_conversation_that_cannot_be_read_any_more_is_forgotten(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        discord.say("one", "1")
        discord.say("two", "2")
        await bot.link.texts(2)
        del discord.world.channels[discord.direct("1")]
        discord.gateway.forget_sessions()
        discord.say("missed", "2")
        discord.gateway.invalidate()
        assert await bot.link.texts(3) == ["one", "two", "missed"]
