"""The whole bot while its homeserver is limited, loses answers, vanishes or refuses the token."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from parachute_core.testing.bot import RunningBot
from parachute_core.testing.http import Fault
from parachute_core.testing.matrix import MatrixWorld
from parachute_core.testing.proxy import FaultProxy
from tests.connectors.matrix.running import direct, status, whole_bot
from tests.connectors.running import Growing, until

SEND = r"/send/m\.room\.message/"
SYNC = r"/sync$"
LIMITED = {"errcode": "M_LIMIT_EXCEEDED", "error": "slow down"}


@pytest.fixture
async def proxy(world: MatrixWorld) -> AsyncIterator[FaultProxy]:
    async with FaultProxy(world.homeserver.url) as between:
        yield between


async def time_passes(bot: RunningBot, seconds: int) -> None:
    """Time passes second by second, and what has to happen over real sockets gets its turn in between."""
    for _ in range(seconds):
        await bot.clock.advance(1.0)
        await asyncio.sleep(0.05)


async def test_a_rate_limit_is_waited_out(world: MatrixWorld, proxy: FaultProxy) -> None:
    ann = await world.person()
    proxy.faults.append(Fault(SEND, status=429, headers={"Retry-After": "7"}, body=LIMITED))
    async with whole_bot(world, url=proxy.url, allowed=(ann.id,)) as bot:
        room = await direct(world, ann)
        await ann.say(room, "hello")
        await bot.clock.sleeping(7.0, within=20.0)
        assert ann.texts(room, world.bot.user_id) == []
        await bot.clock.advance(7.0)
        await ann.reads(room, "hello", by=world.bot.user_id)
    assert len(proxy.paths(SEND)) == 2


@pytest.mark.parametrize("fault", [Fault(SEND, status=502, body="<html></html>"), Fault(SEND, lost=True), Fault(SEND, reset=True)])
async def test_a_reply_whose_fate_was_unknown_arrives_exactly_once(world: MatrixWorld, proxy: FaultProxy, fault: Fault) -> None:
    ann = await world.person()
    proxy.faults.append(replace(fault, count=3))
    async with whole_bot(world, url=proxy.url, allowed=(ann.id,)) as bot:
        room = await direct(world, ann)
        await ann.say(room, "hello")
        for wait in (1.0, 2.0, 4.0):
            await bot.clock.sleeping(wait, within=20.0)
            await bot.clock.advance(wait)
        await ann.reads(room, "hello", by=world.bot.user_id)
        await bot.settled()
        await ann.sync()
        assert ann.texts(room, world.bot.user_id) == ["hello"]
    assert len(proxy.paths(SEND)) == 4
    assert len(set(proxy.paths(SEND))) == 1


async def test_a_reaction_whose_fate_was_unknown_is_taken_off_too(world: MatrixWorld, proxy: FaultProxy) -> None:
    ann = await world.person()
    me = world.bot.user_id
    proxy.faults.append(Fault("/send/m.reaction/", lost=True))
    async with whole_bot(world, url=proxy.url, allowed=(ann.id,)) as bot:
        room = await direct(world, ann)
        bot.orchestrator.hold()
        event = await ann.say(room, "hello")
        await ann.until(lambda: ann.reactions(room, event) == {(me, "👀")})
        bot.orchestrator.release()
        await ann.reads(room, "hello", by=me)
        await ann.until(lambda: ann.reactions(room, event) == set())


async def test_a_permanent_refusal_is_not_repeated(world: MatrixWorld, proxy: FaultProxy) -> None:
    ann = await world.person()
    proxy.faults.append(Fault(SEND, status=403, body={"errcode": "M_FORBIDDEN", "error": "no"}))
    async with whole_bot(world, url=proxy.url, allowed=(ann.id,)) as bot:
        room = await direct(world, ann)
        await ann.say(room, "hello")
        await proxy.asked(SEND)
        await until(lambda: bot.orchestrator.closed == 1)
        await bot.settled()
        failed = (await bot.request("GET", "/api/bots/status")).json
    assert len(proxy.paths(SEND)) == 1
    assert room in str(failed)


async def test_an_answer_grows_by_edits_and_is_whole_at_the_end(world: MatrixWorld) -> None:
    ann = await world.person()
    me = world.bot.user_id
    agent = Growing("The **answer** ", "is ", "42.")
    async with whole_bot(world, allowed=(ann.id,), orchestrator=agent) as bot:
        room = await direct(world, ann)
        await ann.say(room, "what is it?")
        await agent.asked.wait()
        agent.go_on.release()
        await bot.clock.advance(6.0)
        agent.go_on.release()
        await ann.reads(room, "The answer is", by=me)
        agent.go_on.release()
        await ann.reads(room, "The answer is 42.", by=me)
    (shown,) = ann.messages(room, me)
    assert shown.html == "<p>The <strong>answer</strong> is 42.</p>"


async def test_an_answer_that_was_lost_while_it_grew_is_whole_at_the_end(world: MatrixWorld, proxy: FaultProxy) -> None:
    ann = await world.person()
    me = world.bot.user_id
    proxy.faults.append(Fault(SEND, lost=True, count=4))
    agent = Growing("The answer ", "is ", "42.")
    async with whole_bot(world, url=proxy.url, allowed=(ann.id,), orchestrator=agent) as bot:
        room = await direct(world, ann)
        await ann.say(room, "what is it?")
        await agent.asked.wait()
        agent.go_on.release()
        await bot.clock.advance(6.0)
        agent.go_on.release()
        for wait in (1.0, 2.0, 4.0):
            await bot.clock.sleeping(wait, within=20.0)
            await bot.clock.advance(wait)
        await ann.reads(room, "The answer is", by=me)
        agent.go_on.release()
        await bot.clock.sleeping(15.0)
        await bot.clock.advance(15.0)
        await ann.reads(room, "The answer is 42.", by=me)
    assert len(ann.messages(room, me)) == 1


async def test_a_wrong_token_fails_with_few_requests_and_tells_nobody_the_token(
    world: MatrixWorld, proxy: FaultProxy, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = "syt_aWRvbm90ZXhpc3Q_wrongwrongwrongwrong_0abcde"
    async with whole_bot(world, url=proxy.url, state="failed", access_token=token) as bot:
        await time_passes(bot, 10)
        shown = [(await bot.request("GET", "/api/bots/status")).json, (await bot.request("POST", "/api/bots/matrix/test")).json]
    assert shown[1]["success"] is False
    assert len(proxy.requests) < 5
    assert "access token" in str(status(bot)["last_error"])
    assert token not in caplog.text + str(shown)


async def test_a_device_that_is_taken_away_parks_the_connector(world: MatrixWorld, proxy: FaultProxy) -> None:
    ann = await world.person()
    async with whole_bot(world, url=proxy.url, allowed=(ann.id,)) as bot:
        await direct(world, ann)
        await proxy.asked(SYNC, 2)
        await world.accounts.delete_device(world.bot)
        proxy.drop()  # the sync under way is held for half a minute; the next one meets the refusal
        await until(lambda: status(bot)["status"] == "reconnecting")
        before = len(proxy.requests)
        await time_passes(bot, 10)
        await until(lambda: status(bot)["status"] == "failed")
    assert len(proxy.requests) - before < 5


async def test_an_outage_costs_few_requests_and_is_got_over(world: MatrixWorld, proxy: FaultProxy) -> None:
    ann = await world.person()
    async with whole_bot(world, url=proxy.url, allowed=(ann.id,)) as bot:
        room = await direct(world, ann)
        await ann.say(room, "before")
        await ann.reads(room, "before", by=world.bot.user_id)
        outage = Fault(SYNC, None, status=502, body="<html></html>")
        proxy.faults.append(outage)
        proxy.drop()
        await until(lambda: status(bot)["status"] == "reconnecting")
        before = len(proxy.requests)
        await time_passes(bot, 10)
        assert 0 < len(proxy.requests) - before < 20
        await ann.say(room, "are you there?")
        proxy.faults.remove(outage)
        for _ in range(120):
            if status(bot)["status"] == "running":
                break
            await time_passes(bot, 1)
        await ann.reads(room, "before", "are you there?", by=world.bot.user_id)


async def test_a_homeserver_that_is_away_at_the_start_is_found_later(world: MatrixWorld, proxy: FaultProxy) -> None:
    ann = await world.person()
    await proxy.stop()
    async with whole_bot(world, url=proxy.url, allowed=(ann.id,), state="reconnecting") as bot:
        await proxy.start()
        for _ in range(120):
            if status(bot)["status"] == "running":
                break
            await time_passes(bot, 1)
        room = await direct(world, ann)
        await ann.say(room, "hello")
        await ann.reads(room, "hello", by=world.bot.user_id)


async def test_tokens_and_words_are_in_no_log_line(
    world: MatrixWorld, proxy: FaultProxy, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    ann = await world.person()
    async with whole_bot(world, url=proxy.url, allowed=(ann.id,), home=tmp_path) as bot:
        room = await direct(world, ann)
        await ann.say(room, "my secret words")
        await ann.send(room, {"msgtype": "m.text", "body": "more secret words", "m.relates_to": 5})
        await ann.reads(room, "my secret words", by=world.bot.user_id)
        proxy.faults.append(Fault(SEND, status=403, body={"errcode": "M_FORBIDDEN", "error": "secret words"}))
        await ann.say(room, "other secret words")
        await until(lambda: len(bot.orchestrator.turns) == 2)
        await bot.settled()
        await proxy.stop()
        await until(lambda: status(bot)["status"] == "reconnecting")
        report = str((await bot.request("GET", "/api/bots/status")).json)
    ours = "\n".join(record.getMessage() + str(record.__dict__) for record in caplog.records)
    assert world.bot.access_token not in caplog.text + report + ours
    assert "secret words" not in caplog.text + report
