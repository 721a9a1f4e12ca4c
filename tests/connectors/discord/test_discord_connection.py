"""The connection to Discord: what proves life, what ends it, what is refused, and that nothing is lost meanwhile."""

import asyncio
import gc

import pytest

from parachute_core.connectors.discord.gateway import KEEP_ALIVE
from parachute_core.model.errors import ConnectionLost, CredentialsRefused, NotConfigured, NotDelivered
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.discord import FakeDiscord, rate_limit
from parachute_core.testing.http import Fault
from parachute_core.testing.sockets import FakeLink
from tests.connectors.discord.running import connected, connector_for, outgoing
from tests.connectors.running import until


def left_over() -> list[str]:
    return [one.get_name() for one in asyncio.all_tasks() if one.get_name().startswith(KEEP_ALIVE)]


async def test_ready_and_acknowledged_heartbeats_prove_life(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        assert bot.link.proofs == ["READY"]
        await bot.clock.sleeping(5.0)
        await until(lambda: discord.gateway.heartbeats)
        for _ in range(20):
            await asyncio.sleep(0.01)  # for the acknowledgement to cross the socket
            await bot.clock.advance(5.0)
        assert bot.link.proofs == ["READY", "heartbeat"]  # the same acknowledgement proves nothing twice


async def test_a_broken_connection_is_told_and_back_only_with_the_resumed_session(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        discord.gateway.silent = True
        discord.gateway.drop()
        await until(lambda: bot.link.losses)
        await until(lambda: len(discord.gateway.clients) == 1)
        await bot.clock.advance(20.0)  # four looks at the heartbeats, without a session
        assert bot.link.proofs == ["READY"]
        discord.gateway.silent = False
        discord.gateway.drop()
        await until(lambda: len(bot.link.proofs) == 2)
        assert bot.link.proofs[1] == "RESUMED"
        assert len(bot.link.losses) == 1


async def test_a_session_that_cannot_be_resumed_is_told_and_begun_anew(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        discord.gateway.invalidate()
        await until(lambda: bot.link.proofs == ["READY", "READY"])
        assert len(bot.link.losses) == 1


async def test_silence_ends_the_run(discord: FakeDiscord) -> None:
    discord.gateway.acknowledges = False
    async with connected(discord) as bot:
        await bot.clock.sleeping(5.0)
        await bot.clock.advance(160.0)
        with pytest.raises(ConnectionLost, match="heartbeat"):
            await bot.running

    assert left_over() == []


async def test_a_connection_that_does_not_come_back_ends_the_run(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        await bot.clock.sleeping(5.0)
        discord.gateway.silent = True
        discord.gateway.drop()
        await discord.gateway.until(connected=0)
        await until(lambda: len(discord.gateway.clients) == 1)
        for _ in range(8):
            await bot.clock.advance(5.0)
        with pytest.raises(ConnectionLost, match="resumed"):
            await bot.running

    assert left_over() == []


async def test_a_gateway_that_never_greets_ends_the_run(discord: FakeDiscord) -> None:
    discord.gateway.silent = True
    clock = FakeClock()
    running = asyncio.create_task(connector_for(discord, clock).run(FakeLink()))
    await until(lambda: discord.gateway.clients)
    await clock.advance(60.0)

    with pytest.raises(ConnectionLost, match="in time"):
        await running
    assert left_over() == []


async def test_stopping_while_connecting_leaves_nothing_behind(discord: FakeDiscord) -> None:
    discord.gateway.silent = True
    running = asyncio.create_task(connector_for(discord).run(FakeLink()))
    await until(lambda: discord.gateway.clients)
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running
    assert left_over() == []
    await until(lambda: not discord.gateway.clients)


async def test_a_stop_while_a_lost_connection_is_being_closed_leaves_nothing_open(discord: FakeDiscord) -> None:
    discord.gateway.acknowledges = False
    async with connected(discord) as bot:
        await bot.clock.sleeping(5.0)
        await bot.clock.advance(160.0)
        assert not bot.running.done()
        bot.running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await bot.running
        with pytest.raises(NotDelivered):
            await bot.connector.send(outgoing("1", "Hi"))

    assert left_over() == []
    await until(lambda: not discord.gateway.clients)
    gc.collect()  # what the library left open complains now


async def test_a_wrong_token_is_refused_with_few_requests(discord: FakeDiscord) -> None:
    discord.rest.token = "another"
    async with connected(discord) as bot:
        with pytest.raises(CredentialsRefused) as refused:
            await bot.running

    assert discord.token not in str(refused.value)
    assert len(discord.server.requests) == 1


async def test_what_is_no_token_is_refused_without_asking(discord: FakeDiscord) -> None:
    async with connected(discord, bot_token="no token at all") as bot:
        with pytest.raises(CredentialsRefused) as refused:
            await bot.running

    assert "no token at all" not in str(refused.value)
    assert discord.server.requests == []


async def test_without_a_token_there_is_no_connector(discord: FakeDiscord) -> None:
    with pytest.raises(NotConfigured):
        connector_for(discord, bot_token="")


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (4004, CredentialsRefused, "token"),
        (4010, CredentialsRefused, "shard"),
        (4013, CredentialsRefused, "intents"),
        (4014, CredentialsRefused, "Message Content Intent"),
        (4003, ConnectionLost, "4003"),
    ],
)
async def test_a_refused_session_says_why(discord: FakeDiscord, code: int, kind: type[Exception], words: str) -> None:
    discord.gateway.refuse_with = code
    async with connected(discord) as bot:
        with pytest.raises(kind, match=words):
            await bot.running

    assert discord.gateway.identified == 1


async def test_a_rate_limited_start_tells_how_long_to_wait(discord: FakeDiscord) -> None:
    discord.server.faults.append(rate_limit("/gateway/bot", 12.5))
    async with connected(discord) as bot:
        with pytest.raises(ConnectionLost) as lost:
            await bot.running

    assert lost.value.retry_after == 12.5


async def test_no_session_is_begun_when_todays_are_used_up(discord: FakeDiscord) -> None:
    discord.rest.session_starts_left = 0
    async with connected(discord) as bot:
        with pytest.raises(ConnectionLost, match="session"):
            await bot.running

    assert discord.gateway.identified == 0


async def test_a_server_in_trouble_is_no_reason_to_give_up(discord: FakeDiscord) -> None:
    discord.server.faults.append(Fault("/gateway/bot", status=503, body="<html></html>"))
    async with connected(discord) as bot:
        with pytest.raises(ConnectionLost, match="503"):
            await bot.running


async def test_what_proving_life_raises_ends_the_run(discord: FakeDiscord) -> None:
    class Vetoed(FakeLink):
        def prove(self, what: str) -> None:
            raise ZeroDivisionError

    async with connected(discord, link=Vetoed()) as bot:
        with pytest.raises(ConnectionLost, match="ZeroDivisionError"):
            await bot.running


async def test_the_credentials_can_be_tested_while_it_runs(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        assert await bot.connector.test() == {"bot_name": "parachute", "bot_id": discord.bot_id}
        discord.rest.token = "another"
        with pytest.raises(CredentialsRefused):
            await bot.connector.test()
        await discord.server.stop()
        with pytest.raises(ConnectionLost):
            await bot.connector.test()
        assert not bot.running.done()


async def test_a_missing_message_content_intent_is_told_before_the_first_message(discord: FakeDiscord) -> None:
    async with connected(discord) as bot:
        discord.rest.application_flags = 1 << 15
        with pytest.raises(CredentialsRefused, match="Message Content Intent"):
            await bot.connector.test()
        for enough in (1 << 18, 1 << 19):
            discord.rest.application_flags = enough
            assert await bot.connector.test()
