"""What the core sends, as Discord gets it, and what Discord's refusals become."""

import asyncio
from dataclasses import replace

import pytest

from parachute_core.connectors.discord.refusals import MOST, WINDOW, Refusals
from parachute_core.model.errors import Ambiguous, NotDelivered, Rejected, SendError, Unreachable
from parachute_core.model.outgoing import Place, SendKind
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.discord import FakeDiscord, rate_limit
from parachute_core.testing.http import Fault
from tests.connectors.discord.running import connected, connector_for, outgoing
from tests.connectors.running import until

CREATE = r"/messages$"


async def test_a_message_is_created_with_a_nonce_and_mentions_nobody(discord: FakeDiscord) -> None:
    channel = discord.direct("1")
    async with connected(discord) as bot:
        receipt = await bot.connector.send(outgoing(channel, "Hi **you** @everyone", key="0123456789abcdef.0"))

    assert discord.texts(channel) == ["Hi **you** @everyone"]
    assert receipt.message_id in discord.world.channels[channel].messages
    body = next(one.json() for one in discord.server.requests if one.method == "POST" and one.path.endswith("/messages"))
    assert (body["nonce"], body["enforce_nonce"]) == ("0123456789abcdef.0", True)
    assert body["allowed_mentions"]["parse"] == []


async def test_an_answer_is_a_reply_that_pings_nobody(discord: FakeDiscord) -> None:
    channel, question = discord.direct("1"), discord.say("Hello")
    gone = discord.say("soon deleted")
    del discord.world.channels[channel].messages[gone]
    async with connected(discord) as bot:
        for number, answered in enumerate((question, gone, "interaction-5", None)):
            await bot.connector.send(outgoing(channel, f"{number}", key=f"k{number}", place=Place(reply_to=answered)))

    sent = [one.json() for one in discord.server.requests if one.method == "POST" and one.path.endswith("/messages")]
    wanted = {"message_id": question, "fail_if_not_exists": False}
    assert sent[0]["message_reference"] == wanted
    assert [one.get("message_reference") for one in sent] == [wanted, {**wanted, "message_id": gone}, None, None]
    assert [one["allowed_mentions"] for one in sent] == [{"parse": []}] * 4  # where Discord pings nobody replied to either
    assert discord.texts(channel) == ["0", "1", "2", "3"]
    shown = discord.world.channels[channel].messages.values()
    assert [one["content"] for one in shown if one.get("message_reference")] == ["0"]


async def test_signs_are_left_out_while_messages_are_rate_limited(discord: FakeDiscord) -> None:
    channel, message = discord.direct("1"), discord.say("Hello")
    discord.server.faults.append(rate_limit(CREATE, 7.0))
    async with connected(discord) as bot:
        with pytest.raises(NotDelivered):
            await bot.connector.send(outgoing(channel, "Hi"))
        await bot.connector.send(outgoing(channel, kind=SendKind.TYPING, final=False))
        await bot.connector.send(outgoing(channel, kind=SendKind.ACK, target_id=message))
        await bot.clock.sleeping(8.0)
        assert discord.server.paths("typing|reactions") == []
        await bot.clock.advance(8.0)
        await until(lambda: discord.world.typed == [channel])


async def test_the_signs_are_taken_away_at_the_stop(discord: FakeDiscord) -> None:
    channel, message = discord.direct("1"), discord.say("Hello")
    async with connected(discord) as bot:
        await bot.connector.send(outgoing(channel, kind=SendKind.ACK, target_id=message))
        await until(lambda: discord.world.channels[channel].reactions)

    assert discord.world.channels[channel].reactions == set()


async def test_a_long_key_becomes_a_nonce_of_its_own(discord: FakeDiscord) -> None:
    channel = discord.direct("1")
    async with connected(discord) as bot:
        for key in ("x" * 40 + "1", "x" * 40 + "2", "x" * 40 + "1"):
            await bot.connector.send(outgoing(channel, f"for {key[-1]}", key=key))

    assert discord.texts(channel) == ["for 1", "for 2"]
    assert all(len(nonce) <= 25 for nonce in discord.world.channels[channel].nonces)


async def test_an_edit_replaces_the_text(discord: FakeDiscord) -> None:
    channel = discord.direct("1")
    async with connected(discord) as bot:
        first = await bot.connector.send(outgoing(channel, "so far"))
        second = await bot.connector.send(outgoing(channel, "so far, so good", SendKind.EDIT, target_id=first.message_id))

    assert discord.texts(channel) == ["so far, so good"]
    assert second == first


async def test_signs_of_an_answer_come_and_go(discord: FakeDiscord) -> None:
    channel, message = discord.direct("1"), discord.say("Hello")
    reactions = discord.world.channels[channel].reactions
    async with connected(discord) as bot:
        await bot.connector.send(outgoing(channel, kind=SendKind.TYPING, final=False))
        await bot.connector.send(outgoing(channel, kind=SendKind.ACK, target_id=message))
        await until(lambda: reactions == {(message, "👀")})
        await bot.clock.sleeping(8.0)
        await bot.clock.advance(8.0)
        await until(lambda: len(discord.world.typed) == 2)
        await bot.connector.send(outgoing(channel, kind=SendKind.TYPING, final=True))
        await until(lambda: reactions == set())
        await bot.clock.advance(20.0)
        await bot.connector.send(outgoing(channel, "done"))

    assert discord.world.typed == [channel, channel]


async def test_no_reaction_where_the_owner_wants_none(discord: FakeDiscord) -> None:
    message = discord.say("Hello")
    async with connected(discord, ack_emoji=None) as bot:
        await bot.connector.send(outgoing(discord.direct("1"), kind=SendKind.ACK, target_id=message))
        await bot.connector.send(outgoing(discord.direct("1"), kind=SendKind.TYPING, final=True))

    assert discord.server.paths("reactions") == []


async def test_a_rate_limit_is_passed_on_at_once_with_its_time(discord: FakeDiscord) -> None:
    channel = discord.direct("1")
    for everywhere in (False, True):
        discord.server.faults.append(rate_limit(CREATE, 0.25, everywhere=everywhere))
    async with connected(discord) as bot:
        for _ in range(2):
            with pytest.raises(NotDelivered) as refused:
                await bot.connector.send(outgoing(channel, "Hi"))
            assert refused.value.retry_after == 0.25

    assert len(discord.server.paths(CREATE)) == 2


REFUSED: list[tuple[int, int, type[SendError]]] = [
    (400, 50006, Rejected),
    (400, 50035, Rejected),
    (400, 50083, Rejected),
    (401, 0, Rejected),
    (403, 50007, Unreachable),
    (403, 50001, Unreachable),
    (404, 10003, Unreachable),
    (400, 20016, NotDelivered),
    (403, 20028, NotDelivered),
    (400, 40062, NotDelivered),
    (408, 0, Ambiguous),
]


async def test_a_refusal_is_classed_by_its_code(discord: FakeDiscord) -> None:
    found: list[tuple[int, int, type[SendError]]] = []
    async with connected(discord) as bot:
        for status, code, _ in REFUSED:
            discord.server.faults.append(Fault(CREATE, status=status, body={"message": "a word of the message", "code": code}))
            with pytest.raises(SendError) as refused:
                await bot.connector.send(outgoing(discord.direct("1"), "Hi"))
            found.append((status, code, type(refused.value)))
            assert "a word" not in str(refused.value)

    assert found == REFUSED


UNKNOWN = [
    Fault(CREATE, status=500, body={"message": "500"}),
    Fault(CREATE, status=502, body="<html>Bad Gateway</html>"),
    Fault(CREATE, reset=True),
    Fault(CREATE, lost=True),
    Fault(CREATE, cut=10),
    Fault(CREATE, status=200, body="<html>What?</html>"),
]


async def test_an_unknown_outcome_is_ambiguous_and_the_repetition_shows_the_text_once(discord: FakeDiscord) -> None:
    channel = discord.direct("1")
    async with connected(discord) as bot:
        for number, fault in enumerate(UNKNOWN, start=1):
            discord.server.faults.append(replace(fault))
            before = len(discord.server.paths(CREATE))
            with pytest.raises(Ambiguous):
                await bot.connector.send(outgoing(channel, f"Hi {number}", key=f"k{number}"))
            assert len(discord.server.paths(CREATE)) == before + 1
            await bot.connector.send(outgoing(channel, f"Hi {number}", key=f"k{number}"))
            assert discord.texts(channel) == [f"Hi {one}" for one in range(1, number + 1)]


async def test_a_repetition_with_more_text_shows_the_new_text(discord: FakeDiscord) -> None:
    channel = discord.direct("1")
    discord.server.faults.append(Fault(CREATE, lost=True))
    async with connected(discord) as bot:
        with pytest.raises(Ambiguous):
            await bot.connector.send(outgoing(channel, "The answer", final=False))
        await bot.connector.send(outgoing(channel, "The answer is 42"))

    assert discord.texts(channel) == ["The answer is 42"]


async def test_nothing_is_sent_to_a_server_that_cannot_be_reached(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        await discord.server.stop()
        with pytest.raises(NotDelivered):
            await bot.connector.send(outgoing("123", "Hi"))


async def test_nothing_is_sent_while_not_connected(discord: FakeDiscord) -> None:
    connector = connector_for(discord)

    with pytest.raises(NotDelivered):
        await connector.send(outgoing(discord.direct("1"), "Hi"))


async def test_what_is_no_channel_is_refused_without_asking(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        for chat in ("", "web-abc", "-1", "\u0661\u0662"):
            with pytest.raises(Rejected):
                await bot.connector.send(outgoing(chat, "Hi"))

    assert discord.server.paths(CREATE) == []


async def test_a_send_that_is_cancelled_blocks_nothing_after_it(discord: FakeDiscord) -> None:
    channel = discord.direct("1")
    discord.server.faults.append(Fault(CREATE, delay=0.2))
    async with connected(discord) as bot:
        sends = [asyncio.create_task(bot.connector.send(outgoing(channel, f"{number}", key=f"k{number}"))) for number in range(5)]
        await discord.server.asked(CREATE)
        for send in sends[:4]:
            send.cancel()
        await sends[4]
        await bot.connector.send(outgoing(channel, "last", key="last"))

    assert discord.texts(channel)[-1] == "last"


async def test_after_very_many_refusals_discord_is_left_alone_for_a_while() -> None:
    clock = FakeClock()
    refusals = Refusals(clock)
    for _ in range(MOST):
        refusals.check()
        refusals.count()

    with pytest.raises(NotDelivered) as refused:
        refusals.check()
    assert refused.value.retry_after == WINDOW
    await clock.advance(WINDOW)
    refusals.check()


def test_length_is_counted_so_that_no_reading_of_the_limit_is_exceeded(discord: FakeDiscord) -> None:
    traits = connector_for(discord).traits

    assert [traits.measure(text) for text in ("a", "é", "😀", "\ud800")] == [1, 1, 2, 1]
    assert (traits.max_length, traits.idempotent_messages) == (2000, True)
    assert connector_for(discord).format("**bold** _it_ `code`") == "**bold** _it_ `code`"
