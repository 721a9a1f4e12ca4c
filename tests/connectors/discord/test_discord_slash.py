"""Slash commands on Discord."""

from parachute_core.model.message import ChatType
from parachute_core.testing.discord import FakeDiscord
from parachute_core.testing.http import Fault
from tests.connectors.discord.running import connected, until

EPHEMERAL = 64


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


async def test_an_unknown_command_is_answered_and_goes_no_further(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        discord.use("journal")
        await until(lambda: discord.rest.responses)
        discord.say("Hello")
        assert await bot.link.texts(1) == ["Hello"]

    assert "do not know" in discord.rest.responses[0]["data"]["content"]


async def test_a_command_counts_also_when_it_cannot_be_acknowledged(discord: FakeDiscord) -> None:
    discord.server.faults.append(Fault("/callback$", status=404, body={"message": "Unknown interaction", "code": 10062}))
    async with connected(discord) as bot:
        discord.use("status")
        assert await bot.link.texts(1) == ["/status"]
