"""What was written while the connection was away: resumed or fetched, in order, once each."""

import logging

import pytest

from parachute_core.connectors.discord.memory import MOST_CHANNELS, Conversations
from parachute_core.model.errors import StoreError
from parachute_core.model.message import ChatType, Inbound
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.discord import FakeDiscord, rate_limit
from parachute_core.testing.http import Fault
from parachute_core.testing.memory import DictMemory
from parachute_core.testing.sockets import FakeLink
from tests.connectors.discord.running import connected
from tests.connectors.running import until


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

    # What was fetched and told is handed over twice; the core recognises it.
    direct = dict.fromkeys(one.text for one in bot.link.received if one.chat_id == discord.direct("1"))
    assert list(direct) == ["one", *(f"missed {number}" for number in range(120)), "after"]
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


async def test_a_conversation_that_begins_anew_before_it_was_forgotten_on_the_disk_stays_there(discord: FakeDiscord) -> None:
    memory, link = DictMemory(), FakeLink()
    async with connected(discord, memory=memory, link=link) as bot:
        begun = int(discord.say("one")) - 1  # it is read anew from there
        await bot.link.texts(1)
        channel = discord.world.channels.pop(discord.direct("1"))
        discord.gateway.forget_sessions()
        discord.gateway.invalidate()
        await discord.server.asked("/messages$")
        discord.say("two", "2")
        await bot.link.texts(2)
        discord.world.channels[channel.id] = channel
        link.gate.clear()
        discord.say("three")
        await until(lambda: memory.kept.get(f"read/{channel.id}") == f"dm {begun}")
    assert memory.kept.get(f"read/{channel.id}") == f"dm {begun}"


async def test_after_a_restart_what_was_written_meanwhile_is_fetched_in_conversations_that_were_used_before(discord: FakeDiscord) -> None:
    memory, room, unknown = DictMemory(), discord.room(), discord.room()
    async with connected(discord, memory=memory) as bot:
        discord.say("one")
        discord.say(f"<@{discord.bot_id}> r1", "2", room)
        discord.use("new", "5")
        await bot.link.texts(3)
    discord.say("missed")
    discord.say("chatter", "2", room)
    discord.say(f"<@{discord.bot_id}> r2", "2", room)
    discord.say("only a command before", "5")
    discord.say(f"<@{discord.bot_id}> nobody spoke here before", "3", unknown)
    async with connected(discord, memory=memory) as bot:
        await bot.link.texts(4)
        discord.say("after", "9")
        await bot.link.texts(5)

    by_chat = {
        chat: [(one.text, one.chat_type.value, one.addressed) for one in bot.link.received if one.chat_id == chat]
        for chat in (discord.direct("1"), room, discord.direct("5"), unknown)
    }
    assert by_chat[discord.direct("1")] == [("missed", "dm", True)]
    assert by_chat[room] == [("chatter", "group", False), ("r2", "group", True)]
    assert by_chat[discord.direct("5")] == [("only a command before", "dm", True)]
    assert by_chat[unknown] == []


async def test_the_very_first_start_fetches_nothing(discord: FakeDiscord) -> None:
    discord.say("old")
    async with connected(discord) as bot:
        discord.say("new")
        assert await bot.link.texts(1) == ["new"]

    assert discord.server.paths("/messages$") == []


async def test_what_the_core_did_not_take_is_fetched_at_the_next_start(discord: FakeDiscord) -> None:
    class Asked(FakeLink):
        times = 0

        async def receive(self, message: Inbound) -> None:
            self.times += 1
            await super().receive(message)

    memory, link = DictMemory(), Asked()
    async with connected(discord, memory=memory, link=link) as bot:
        discord.say("taken")
        await bot.link.texts(1)
        link.gate.clear()
        discord.say("not taken")
        discord.say("waits behind it")
        await until(lambda: link.times == 2)
    async with connected(discord, memory=memory) as bot:
        assert await bot.link.texts(2) == ["not taken", "waits behind it"]


async def test_many_messages_cost_few_writes_and_the_first_of_them_none_of_its_safety(discord: FakeDiscord) -> None:
    class Reached(DictMemory):
        puts = 0

        async def put(self, key: str, value: str) -> None:
            self.puts += key == reached
            await super().put(key, value)

    memory, link, reached = Reached(), FakeLink(), f"read/{discord.direct('1')}"
    async with connected(discord, memory=memory, link=link) as bot:
        link.gate.clear()
        first = discord.say("m0")
        await until(lambda: reached in memory.kept)  # before it is taken: a crash does not hide what comes after it
        assert int(memory.kept[reached].removeprefix("dm ")) < int(first)
        link.gate.set()
        await until(lambda: memory.kept[reached] == f"dm {first}")  # at once, without any time having passed
        for number in range(1, 100):
            last = discord.say(f"m{number}")
        await bot.link.texts(100)
        assert memory.puts == 2
        await bot.clock.advance(1.0)
        assert memory.kept[reached] == f"dm {last}"
        discord.say("m100")
        await bot.link.texts(101)

    assert memory.puts == 4


async def test_only_so_many_conversations_are_remembered() -> None:
    memory, clock = DictMemory(), FakeClock()
    conversations = Conversations(memory, clock, logging.getLogger("test"))
    for number in range(MOST_CHANNELS + 5):
        conversations.read(f"c{number}", 1, ChatType.DIRECT)
        conversations.read("c0", number, ChatType.DIRECT)
    await conversations.close()

    assert len(memory.kept) == len(conversations.channels()) == MOST_CHANNELS
    again = Conversations(memory, clock, logging.getLogger("test"))
    await again.load()
    assert set(again.channels()) == set(conversations.channels())
    assert again.find("c0") == conversations.find("c0")


async def test_a_memory_that_cannot_be_written_costs_no_message(discord: FakeDiscord, caplog: pytest.LogCaptureFixture) -> None:
    class Full(DictMemory):
        full = True

        async def put(self, key: str, value: str) -> None:
            if self.full:
                raise StoreError("disk full")
            await super().put(key, value)

    memory = Full()
    async with connected(discord, memory=memory) as bot:
        discord.say("one")
        await bot.link.texts(1)
        await until(lambda: "could not be kept" in caplog.text)
        memory.full = False
        last = discord.say("two")
        assert await bot.link.texts(2) == ["one", "two"]
        await until(lambda: memory.kept.get(f"read/{discord.direct('1')}") == f"dm {last}")


async def test_chatter_that_is_fetched_and_told_is_handed_over_once(discord: FakeDiscord) -> None:
    room = discord.room()
    async with connected(discord) as bot:
        discord.say(f"<@{discord.bot_id}> r1", "2", room)
        await bot.link.texts(1)
        discord.gateway.forget_sessions()
        discord.say("c1", "2", room)
        discord.server.faults.append(Fault("/messages$", delay=0.2))
        discord.gateway.invalidate()
        await discord.gateway.until(identified=2)
        await discord.server.asked("/messages$")
        discord.say("c2", "3", room)  # while what was missed is on its way, so that it comes both ways
        discord.say("c3", "3", room)
        await bot.link.texts(4)
        discord.say("c4", "3", room)
        assert await bot.link.texts(5) == [f"<@{discord.bot_id}> r1".partition("> ")[2], "c1", "c2", "c3", "c4"]
