"""Buttons on Discord: shown as components, pressed, acknowledged without a word."""

from parachute_core.testing.discord import FakeDiscord
from tests.connectors.discord.running import whole_bot
from tests.connectors.running import until

LIST = "/api/bots/pairing"


async def test_the_owner_decides_with_buttons_and_nobody_else_can(discord: FakeDiscord) -> None:
    room = discord.room()
    notify = {"pairing": {"notify": {"platform": "discord", "user_id": "1", "chat_id": room}}}
    async with whole_bot(discord, plugins=notify) as bot:
        discord.say("let me in", "7", name="**Bea** @everyone")
        await until(lambda: "Approve 1" in discord.world.buttons(room))
        assert discord.texts(room) == ["1 new request:\n1. `**Bea** @everyone`, discord `7`: `let me in`"]
        presses = [discord.press("Approve 1", user, room) for user in ("7", "8")]
        await until(lambda: len(discord.rest.responses) == 2)
        await bot.settled()
        assert (await bot.request("GET", f"{LIST}/count")).json["pending"] == 1

        presses.append(discord.press("Approve 1", "1", room))
        await until(lambda: len(discord.texts(room)) == 2)
        assert discord.texts(room)[-1] == "Approved: `**Bea** @everyone`, discord `7`, sandboxed."
        await until(lambda: len(discord.texts(discord.direct("7"))) == 2)
        presses.append(discord.press("Block 1", "1", room))
        await until(lambda: len(discord.texts(room)) == 3)
        assert "was decided meanwhile: it is approved" in discord.texts(room)[-1]
        assert {(one["id"], one["type"]) for one in discord.rest.responses} == {(one, 6) for one in presses}
        discord.say("hello", "7")
        await until(lambda: discord.texts(discord.direct("7"))[-1] == "hello")


async def test_an_interaction_of_another_kind_is_passed_over(discord: FakeDiscord) -> None:
    async with whole_bot(discord) as bot:
        discord.gateway.tell("INTERACTION_CREATE", {"type": 5, "id": "1"})
        discord.gateway.tell("INTERACTION_CREATE", {"type": 3, "id": "2", "data": {"component_type": 3, "custom_id": "x"}})
        discord.say("hello")
        await until(lambda: discord.texts(discord.direct("1")) == ["hello"])
        assert discord.rest.responses == []
        assert [one.text for one in bot.orchestrator.turns] == ["hello"]
