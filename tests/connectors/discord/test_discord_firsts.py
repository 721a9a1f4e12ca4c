"""The first words of somebody, written while the bot was away: nobody spoke to it there before."""

from collections.abc import AsyncIterator

import pytest

from parachute_core.connectors.discord.firsts import AT_MOST
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.discord import FakeDiscord
from parachute_core.testing.http import Fault
from parachute_core.testing.memory import DictMemory
from parachute_core.testing.sockets import FakeLink
from tests.connectors.discord.running import connected
from tests.connectors.running import until

OPENING = "/users/@me/channels$"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def discord(clock: FakeClock) -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(clock) as fake:
        yield fake


async def opened(memory: DictMemory, count: int) -> None:
    """Return once so many direct chats were opened."""
    await until(lambda: sum(key.startswith("direct/") for key in memory.kept) == count)


async def lived(discord: FakeDiscord, clock: FakeClock, memory: DictMemory) -> None:
    """The bot was there, and is away since a minute."""
    async with connected(discord, clock=clock, memory=memory):
        pass
    await clock.advance(60.0)


async def test_first_words_of_a_listed_person_are_fetched_when_the_bot_is_back(discord: FakeDiscord, clock: FakeClock) -> None:
    memory = DictMemory()
    await lived(discord, clock, memory)
    discord.say("hello")
    discord.say("anybody there?")
    async with connected(discord, clock=clock, memory=memory, allowed_users=["1", "2"]) as bot:
        assert await bot.link.texts(2) == ["hello", "anybody there?"]
        discord.say("ah")
        assert (await bot.link.texts(3))[2:] == ["ah"]


async def test_first_words_of_anybody_else_come_before_their_next_ones(discord: FakeDiscord, clock: FakeClock) -> None:
    memory = DictMemory()
    await lived(discord, clock, memory)
    discord.say("hello", "7")
    async with connected(discord, clock=clock, memory=memory) as bot:
        discord.use("help", "8")
        discord.say("anybody there?", "7")
        await bot.link.texts(3)
        assert [one.text for one in bot.link.received if one.user_id == "7"] == ["hello", "anybody there?"]


async def test_first_words_outlive_a_start_that_is_cut_off_before_it_looked_for_them(discord: FakeDiscord, clock: FakeClock) -> None:
    memory = DictMemory()
    await lived(discord, clock, memory)
    discord.say("hello")
    discord.server.faults.append(Fault("/messages$", hang=True))
    async with connected(discord, clock=clock, memory=memory, allowed_users=["1"]):
        await discord.server.asked("/messages$")
    discord.server.faults.clear()
    await clock.advance(600.0)
    async with connected(discord, clock=clock, memory=memory, allowed_users=["1"]) as bot:
        assert await bot.link.texts(1) == ["hello"]


async def test_what_was_written_before_the_bot_was_there_at_all_is_not_answered(discord: FakeDiscord, clock: FakeClock) -> None:
    discord.say("old")
    await clock.advance(1.0)
    async with connected(discord, clock=clock, allowed_users=["1"]) as bot:
        await discord.server.asked(OPENING)
        discord.say("new")
        assert await bot.link.texts(1) == ["new"]


async def test_what_a_session_was_told_is_not_asked_for_again(discord: FakeDiscord, clock: FakeClock) -> None:
    memory = DictMemory()
    async with connected(discord, clock=clock, memory=memory) as bot:
        discord.say("told", "7")
        await bot.link.texts(1)
        await clock.advance(120.0)
        discord.gateway.drop()
        await until(lambda: clock.now().isoformat() in memory.kept.values())
    del memory.kept[f"read/{discord.direct('7')}"]  # as when many others spoke since
    await clock.advance(60.0)
    async with connected(discord, clock=clock, memory=memory) as bot:
        discord.say("again", "7")
        assert await bot.link.texts(1) == ["again"]


async def test_a_direct_chat_is_opened_once_whatever_becomes_of_the_others(discord: FakeDiscord, clock: FakeClock) -> None:
    memory, listed = DictMemory(), [str(number) for number in range(1, AT_MOST + 3)]
    discord.server.faults.append(Fault(OPENING, status=403, body={"message": "Missing Access", "code": 50001}))
    for kept, asked in ((AT_MOST - 1, AT_MOST), (AT_MOST + 2, AT_MOST + 3), (AT_MOST + 2, AT_MOST + 3)):
        async with connected(discord, clock=clock, memory=memory, allowed_users=listed) as bot:
            await opened(memory, kept)
            discord.say("hello", "99")
            await bot.link.texts(1)
        assert len(discord.server.paths(OPENING)) == asked


async def test_where_a_server_spoke_to_the_bot_first_is_kept_before_it_is_taken(discord: FakeDiscord, clock: FakeClock) -> None:
    memory, link, room = DictMemory(), FakeLink(), discord.room()
    link.gate.clear()
    async with connected(discord, clock=clock, memory=memory, link=link):
        discord.say(f"<@{discord.bot_id}> one", "2", room)
        await until(lambda: f"read/{room}" in memory.kept)
    discord.say(f"<@{discord.bot_id}> two", "2", room)
    async with connected(discord, clock=clock, memory=memory) as bot:
        assert await bot.link.texts(2) == ["one", "two"]
