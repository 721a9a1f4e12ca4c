"""Slash commands on Discord."""

import pytest

from parachute_core.connectors.discord.slash import CANNOT_WRITE, TAKEN, Used
from parachute_core.connectors.discord.unanswered import GOOD_FOR, MOST_CHANNELS, MOST_IN_ONE, Unanswered
from parachute_core.model.errors import Rejected
from parachute_core.model.message import ChatType
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.discord import FakeDiscord
from parachute_core.testing.http import Fault
from parachute_core.testing.sockets import FakeLink
from tests.connectors.discord.running import connected, outgoing
from tests.connectors.running import until

EPHEMERAL = 64


def said(discord: FakeDiscord, interaction_id: str) -> str:
    return next(str(one["data"]["content"]) for one in discord.rest.responses if one["id"] == interaction_id)


async def registered(discord: FakeDiscord) -> None:
    await until(lambda: {one["name"] for one in discord.rest.commands} == {"chat", "new", "help", "status"})


async def test_the_commands_are_registered_once_and_only_where_they_differ(discord: FakeDiscord) -> None:
    async with connected(discord):
        await registered(discord)
    asked = [one.method for one in discord.server.requests if one.path.endswith("/commands")]
    assert asked == ["GET", "POST", "POST", "POST", "POST"]
    assert discord.rest.commands[0]["options"][0] | {"name": "message", "required": True} == discord.rest.commands[0]["options"][0]

    discord.rest.commands[1]["description"] = "an older text"
    discord.rest.commands.append({**discord.rest.commands[1], "name": "foreign"})
    discord.server.requests.clear()
    async with connected(discord):
        await until(lambda: all(one["description"] != "an older text" for one in discord.rest.commands if one["name"] == "new"))
        discord.gateway.invalidate()
        await discord.gateway.until(identified=3)

    assert [one.method for one in discord.server.requests if one.path.endswith("/commands")] == ["GET", "POST"]
    assert "foreign" in {one["name"] for one in discord.rest.commands}


async def test_commands_that_cannot_be_registered_are_tried_again_with_the_next_session(discord: FakeDiscord) -> None:
    discord.server.faults.append(Fault("/commands$", status=500))
    async with connected(discord) as bot:
        await discord.server.asked("/commands$")
        discord.say("Hello")
        assert await bot.link.texts(1) == ["Hello"]
        discord.gateway.invalidate()
        await registered(discord)


async def test_a_command_is_acknowledged_to_its_user_alone_and_handed_over(discord: FakeDiscord) -> None:
    room = discord.room()
    async with connected(discord) as bot:
        used = [discord.use("chat", "42", message="What now? "), discord.use("new", "42", room)]
        await bot.link.texts(2)
        await until(lambda: len(discord.rest.responses) == 2)

    by_chat = {one.chat_id: one for one in bot.link.received}
    asked, new = by_chat[discord.direct("42")], by_chat[room]
    assert (asked.text, asked.user_id, asked.chat_type, asked.addressed) == ("What now?", "42", ChatType.DIRECT, True)
    assert (new.text, new.command, new.user_id, new.chat_type, new.addressed) == ("/new", "new", "42", ChatType.GROUP, True)
    assert {one["id"] for one in discord.rest.responses} == set(used)
    assert {one["data"]["flags"] for one in discord.rest.responses} == {EPHEMERAL}


async def test_a_command_is_acknowledged_whatever_waits_before_it(discord: FakeDiscord) -> None:
    link = FakeLink()
    link.gate.clear()
    async with connected(discord, link=link):
        discord.say("Hello", "42")
        discord.use("new", "42")
        await until(lambda: discord.rest.responses)
        assert link.received == []
        link.gate.set()
        assert await link.texts(2) == ["Hello", "/new"]


async def test_an_unknown_command_is_answered_and_goes_no_further(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        discord.use("journal")
        await until(lambda: discord.rest.responses)
        discord.say("Hello")
        assert await bot.link.texts(1) == ["Hello"]

    assert "do not know" in discord.rest.responses[0]["data"]["content"]


async def test_who_used_a_command_where_the_bot_cannot_write_is_told_so(discord: FakeDiscord) -> None:
    room, other = discord.room(), discord.room()
    discord.world.channels[room].refuses = (403, 50013)
    async with connected(discord) as bot:
        used = [discord.use("chat", "42", place, message="What now?") for place in (room, other, room)]
        await bot.link.texts(3)
        with pytest.raises(Rejected):
            await bot.connector.send(outgoing(room, "That."))
        await bot.connector.send(outgoing(other, "That.", key="k2"))
        await until(lambda: [said(discord, one) for one in used] == [CANNOT_WRITE, TAKEN, CANNOT_WRITE])
        asked = len(discord.server.requests)
        with pytest.raises(Rejected):
            await bot.connector.send(outgoing(room, "And that.", key="k3"))
        assert len(discord.server.requests) == asked + 1  # it was said already


async def test_a_command_that_was_answered_is_left_alone(discord: FakeDiscord) -> None:
    room = discord.room()
    async with connected(discord) as bot:
        discord.use("chat", "42", room, message="What now?")
        await bot.link.texts(1)
        await bot.connector.send(outgoing(room, "That."))
        discord.world.channels[room].refuses = (403, 50013)
        with pytest.raises(Rejected):
            await bot.connector.send(outgoing(room, "And that.", key="k2"))
        discord.say("Hello")
        await bot.link.texts(2)

    assert discord.server.paths("/webhooks/") == []


async def test_only_so_many_commands_are_remembered_and_none_for_longer_than_its_token_is_good() -> None:
    clock = FakeClock()
    unanswered = Unanswered(clock)
    for number in range(MOST_IN_ONE + 2):
        unanswered.note("full", Used(1, number, "token", None))
    unanswered.note("old", Used(1, 100, "token", None))
    assert [one.interaction_id for one in unanswered.take("full")] == list(range(2, MOST_IN_ONE + 2))
    assert unanswered.take("full") == ()
    await clock.advance(GOOD_FOR)
    assert unanswered.take("old") == ()
    for number in range(MOST_CHANNELS + 1):
        unanswered.note(f"c{number}", Used(1, number, "token", None))
    assert (unanswered.take("c0"), len(unanswered.take("c1"))) == ((), 1)


async def test_what_is_said_of_the_answer_waits_for_the_acknowledgement(discord: FakeDiscord) -> None:
    discord.server.faults.append(Fault("/callback$", delay=0.2))
    async with connected(discord) as bot:
        discord.use("chat", "42", message="What now?")
        await bot.link.texts(1)
        assert len(discord.rest.responses) == 1


async def test_the_token_of_a_command_is_in_no_repr() -> None:
    assert "secret" not in repr(Used(1, 2, "secret", None))


async def test_a_command_counts_also_when_it_cannot_be_acknowledged(discord: FakeDiscord) -> None:
    discord.server.faults.append(Fault("/callback$", status=404, body={"message": "Unknown interaction", "code": 10062}))
    async with connected(discord) as bot:
        discord.use("status")
        assert await bot.link.texts(1) == ["/status"]
