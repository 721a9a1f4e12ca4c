"""The whole bot on Discord, with all five plugins: through the gateway in, through REST out."""

import asyncio
import logging
from pathlib import Path

import pytest
from parachute_pairing import texts as pairing

from parachute_core.connectors.discord.slash import CANNOT_WRITE
from parachute_core.engine import texts
from parachute_core.testing.bot import RunningBot
from parachute_core.testing.discord import FakeDiscord
from tests.connectors.discord.running import passing, reads, status, whole_bot
from tests.connectors.running import until

CREATE = r"/messages$"
LIST = "/api/bots/pairing"


async def request_id(bot: RunningBot) -> str:
    found: str = (await bot.request("GET", LIST)).json["requests"][0]["id"]
    return found


async def test_a_message_is_answered_with_its_signs(discord: FakeDiscord) -> None:
    async with whole_bot(discord) as bot:
        bot.orchestrator.hold()
        message = discord.say("Hello")
        await bot.orchestrator.asked()
        channel = discord.world.channels[discord.direct("1")]
        await until(lambda: channel.reactions == {(message, "👀")})
        await until(lambda: discord.world.typed == [channel.id])
        bot.orchestrator.release()
        await reads(discord, "Hello")
        await until(lambda: channel.reactions == set())
        assert status(bot)["last_proof"] == "READY"


async def test_a_stranger_is_let_in_and_told_also_when_the_bot_was_restarted_meanwhile(discord: FakeDiscord, tmp_path: Path) -> None:
    async with whole_bot(discord, home=tmp_path) as bot:
        discord.say("Let me in", "7", name="Ann")
        await until(lambda: discord.texts(discord.direct("7")))
        asked = await request_id(bot)
        await reads(discord, pairing.REQUESTED.format(id=asked), user_id="7")
        assert bot.orchestrator.turns == []

    async with whole_bot(discord, home=tmp_path) as bot:
        answer = await bot.request("POST", f"{LIST}/{asked}/approve", {})
        assert answer.status == 200
        assert answer.json["request"]["platformUserDisplay"] == "Ann"
        await reads(discord, pairing.REQUESTED.format(id=asked), pairing.APPROVED, user_id="7")
        discord.say("What now?", "7")
        await reads(discord, pairing.REQUESTED.format(id=asked), pairing.APPROVED, "What now?", user_id="7")


async def test_ordinary_chatter_of_a_server_is_only_what_the_next_question_is_about(discord: FakeDiscord) -> None:
    room = discord.room()
    async with whole_bot(discord) as bot:
        discord.say("Anybody here?", "7", room, name="Bob")
        discord.say("I am", "1", room)
        discord.say(f"<@{discord.bot_id}> and you?", "1", room)
        await until(lambda: discord.texts(room) == ["and you?"])
        (turn,) = bot.orchestrator.turns
        assert [one.text for one in turn.overheard] == ["Anybody here?", "I am"]
        assert (await bot.request("GET", LIST)).json["requests"] == []


async def test_the_eleventh_message_of_a_minute_is_refused(discord: FakeDiscord) -> None:
    async with whole_bot(discord) as bot:
        for number in range(12):
            discord.say(f"m{number}")
        await until(lambda: len(discord.texts(discord.direct("1"))) == 11)
        await bot.settled()
        shown = discord.texts(discord.direct("1"))

    assert len(bot.orchestrator.turns) == 10
    assert sum(text.startswith("m") for text in shown) == 10
    assert shown != [f"m{number}" for number in range(11)]


async def test_a_wrong_token_fails_with_few_requests_and_tells_nobody_the_token(
    discord: FakeDiscord, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "parachute_core")
    discord.rest.token = "another"
    async with whole_bot(discord, state="failed") as bot:
        await bot.clock.advance(600.0)
        shown = [(await bot.request("GET", "/api/bots/status")).json, (await bot.request("POST", "/api/bots/discord/test")).json]
        assert shown[1]["success"] is False

    assert len(discord.server.requests) < 5
    assert "token" in str(shown[0]["connectors"]["discord"]["last_error"])
    assert discord.token not in caplog.text + str(shown)


async def test_a_missing_intent_fails_with_the_sentence_that_helps(discord: FakeDiscord) -> None:
    discord.gateway.refuse_with = 4014
    async with whole_bot(discord, state="failed") as bot:
        await bot.clock.advance(600.0)
        assert "Message Content Intent" in str(status(bot)["last_error"])

    assert discord.gateway.identified == 1


async def test_the_token_is_tested_from_the_api(discord: FakeDiscord) -> None:
    async with whole_bot(discord) as bot:
        answer = await bot.request("POST", "/api/bots/discord/test")

    assert answer.json == {"success": True, "bot_name": "parachute", "bot_id": discord.bot_id}


async def test_a_lost_gateway_is_reconnected_and_what_was_missed_is_answered(discord: FakeDiscord) -> None:
    async with whole_bot(discord) as bot:
        discord.say("one")
        await reads(discord, "one")
        discord.gateway.close(4003)
        await until(lambda: status(bot)["status"] == "reconnecting")
        discord.gateway.forget_sessions()
        discord.say("two")
        await passing(bot, lambda: status(bot)["status"] == "running")
        discord.say("three")
        await reads(discord, "one", "two", "three")


async def test_stopping_lets_an_answer_finish(discord: FakeDiscord) -> None:
    async with whole_bot(discord) as bot:
        bot.orchestrator.hold()
        discord.say("Hello")
        await bot.orchestrator.asked()
        asyncio.get_running_loop().call_later(0.05, bot.orchestrator.release)

    assert discord.texts(discord.direct("1")) == ["Hello"]
    assert discord.gateway.clients == set()


async def test_stopping_and_starting_the_connector_from_the_api(discord: FakeDiscord) -> None:
    async with whole_bot(discord) as bot:
        assert (await bot.request("POST", "/api/bots/discord/stop")).json["success"]
        assert status(bot)["status"] == "stopped"
        await until(lambda: discord.gateway.clients == set())
        assert (await bot.request("POST", "/api/bots/discord/start")).json["success"]
        await until(lambda: status(bot)["status"] == "running")
        discord.say("Hello")
        await reads(discord, "Hello")
        assert len(discord.gateway.clients) == 1


async def test_slash_commands_reach_the_core(discord: FakeDiscord) -> None:
    async with whole_bot(discord) as bot:
        discord.use("chat", message="What now?")
        await reads(discord, "What now?")
        discord.use("new")
        await reads(discord, "What now?", texts.NEW_SESSION)
        await until(lambda: len(discord.rest.responses) == 2)
        assert len(bot.orchestrator.turns) == 1


async def test_who_uses_chat_where_the_bot_cannot_write_is_not_left_with_an_acknowledgement(discord: FakeDiscord) -> None:
    room = discord.room()
    discord.world.channels[room].refuses = (403, 50013)
    async with whole_bot(discord):
        discord.use("chat", "1", room, message="What now?")
        await until(lambda: [one["data"]["content"] for one in discord.rest.responses] == [CANNOT_WRITE])
