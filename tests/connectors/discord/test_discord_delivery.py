"""Answers on their way to Discord: shown while they grow, cut, repeated, refused. All five plugins are on."""

from dataclasses import replace
from functools import partial

import pytest

from parachute_core.connectors.discord.refusals import MOST, WINDOW
from parachute_core.engine import texts
from parachute_core.model.errors import Rejected
from parachute_core.testing.discord import FakeDiscord, rate_limit
from parachute_core.testing.http import Fault
from parachute_core.testing.orchestrator import ScriptedOrchestrator
from tests.connectors.discord.running import outgoing, passing, reads, whole_bot
from tests.connectors.running import Growing, until

CREATE = r"/messages$"


def shows(discord: FakeDiscord, channel: str, text: str) -> bool:
    return discord.texts(channel) == [text]


@pytest.mark.parametrize("everywhere", [False, True])
async def test_a_rate_limit_is_waited_out(discord: FakeDiscord, everywhere: bool) -> None:
    discord.server.faults.append(rate_limit(CREATE, 7.5, everywhere=everywhere))
    async with whole_bot(discord) as bot:
        discord.say("Hello")
        await bot.clock.sleeping(7.5)
        assert discord.texts(discord.direct("1")) == []
        await bot.clock.advance(7.5)
        await reads(discord, "Hello")

    assert len(discord.server.paths(CREATE)) == 2


@pytest.mark.parametrize("fault", [Fault(CREATE, status=502, body="<html></html>"), Fault(CREATE, lost=True), Fault(CREATE, reset=True)])
async def test_a_reply_whose_fate_was_unknown_arrives_exactly_once(discord: FakeDiscord, fault: Fault) -> None:
    discord.server.faults.append(replace(fault))
    async with whole_bot(discord) as bot:
        discord.say("Hello")
        await bot.clock.sleeping(1.0)
        await bot.clock.advance(1.0)
        await reads(discord, "Hello")
        await bot.settled()

    assert discord.texts(discord.direct("1")) == ["Hello"]
    assert len(discord.server.paths(CREATE)) == 2


async def test_an_answer_that_was_lost_while_it_grew_is_whole_at_the_end(discord: FakeDiscord) -> None:
    discord.server.faults.append(Fault(CREATE, lost=True, count=4))
    agent = Growing("The answer ", "is ", "42.")
    channel = discord.direct("1")
    async with whole_bot(discord, orchestrator=agent) as bot:
        discord.say("What is it?")
        await agent.asked.wait()
        agent.go_on.release()
        await bot.clock.advance(2.0)
        agent.go_on.release()
        await until(lambda: discord.texts(channel) == ["The answer is"])
        for wait in (1.0, 2.0, 4.0):
            await bot.clock.sleeping(wait)
            await bot.clock.advance(wait)
        agent.go_on.release()
        await bot.clock.sleeping(15.0)
        await bot.clock.advance(15.0)
        await reads(discord, "The answer is 42.")


@pytest.mark.parametrize("refused", [(403, 50007), (403, 50013), (400, 50083)], ids=["blocked", "no permission", "archived thread"])
async def test_a_permanent_refusal_is_not_repeated(discord: FakeDiscord, refused: tuple[int, int]) -> None:
    discord.world.channels[discord.direct("1")].refuses = refused
    async with whole_bot(discord) as bot:
        discord.say("Hello")
        await discord.server.asked(CREATE)
        await until(lambda: bot.orchestrator.closed == 1)
        await bot.settled()

    assert len(discord.server.paths(CREATE)) == 1


async def test_a_long_answer_arrives_in_parts_that_discord_takes(discord: FakeDiscord) -> None:
    answer = "\n\n".join(f"{number} " + "😀 word " * 150 for number in range(6))
    async with whole_bot(discord, orchestrator=ScriptedOrchestrator(answer)):
        discord.say("Tell me all")
        await until(lambda: "".join("".join(discord.texts(discord.direct("1"))).split()) == "".join(answer.split()))

    assert len(discord.texts(discord.direct("1"))) > 3


async def test_an_answer_grows_by_edits_and_ends_whole(discord: FakeDiscord) -> None:
    agent = Growing("The answer ", "is ", "42", ".")
    channel = discord.direct("1")
    async with whole_bot(discord, orchestrator=agent) as bot:
        question = discord.say("What is it?")
        await agent.asked.wait()
        agent.go_on.release()
        for shown in ("The answer is", "The answer is 42"):
            await bot.clock.advance(2.0)
            agent.go_on.release()
            await until(partial(shows, discord, channel, shown))
        agent.go_on.release()
        await reads(discord, "The answer is 42.")
        await bot.settled()

    assert [
        one.method for one in discord.server.requests if "/messages" in one.path and one.method != "GET" and "reactions" not in one.path
    ] == [
        "POST",
        "PATCH",
        "PATCH",
    ]
    assert [one.get("message_reference", {}).get("message_id") for one in discord.world.channels[channel].messages.values()] == [
        None,
        question,
    ]


async def test_a_later_part_that_fails_leaves_what_was_delivered(discord: FakeDiscord) -> None:
    parts = [f"{number} " + "word " * 390 for number in range(3)]
    discord.server.faults.append(Fault(CREATE, skip=1, status=400, body={"message": "Invalid Form Body", "code": 50035}))
    async with whole_bot(discord, orchestrator=ScriptedOrchestrator("\n\n".join(parts))) as bot:
        discord.say("Tell me all")
        await until(lambda: len(discord.texts(discord.direct("1"))) == 2)
        await bot.settled()
        assert discord.texts(discord.direct("1")) == [parts[0].strip(), texts.INCOMPLETE]
        assert discord.server.paths(r"/messages/\d+$") == []


async def test_a_final_edit_that_is_refused_leaves_what_was_shown(discord: FakeDiscord) -> None:
    agent = Growing("The answer ", "is ", "42.")
    channel = discord.direct("1")
    async with whole_bot(discord, orchestrator=agent) as bot:
        discord.say("What is it?")
        await agent.asked.wait()
        agent.go_on.release()
        await bot.clock.advance(2.0)
        agent.go_on.release()
        await until(lambda: discord.texts(channel) == ["The answer is"])
        discord.server.faults.append(Fault(r"/messages/\d+$", status=400, body={"message": "Invalid Form Body", "code": 50035}))
        agent.go_on.release()
        await reads(discord, "The answer is", texts.INCOMPLETE)


async def test_after_very_many_refusals_nothing_more_is_asked(discord: FakeDiscord) -> None:
    async with whole_bot(discord) as bot:
        send = bot.runtime.outbound.outlet("discord").send
        discord.world.channels[discord.direct("2")].refuses = (403, 50013)
        for _ in range(MOST):
            with pytest.raises(Rejected):
                await send(outgoing(discord.direct("2"), "Hi"))
        asked = len(discord.server.requests)
        discord.say("Hello")
        await bot.orchestrator.asked()
        await until(lambda: bot.orchestrator.closed == 1)
        assert len(discord.server.requests) == asked
        await bot.clock.advance(WINDOW)
        await bot.settled()
        discord.say("Hello again")
        await passing(bot, lambda: "Hello again" in discord.texts(discord.direct("1")))
