"""While the store takes nothing, ending something takes effect at once, nobody waits for ever, and it is written once that is possible."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest

from parachute_core import ConnectionLost, NotDelivered, StoreError, TrustLevel
from parachute_core.engine import texts
from parachute_core.engine.access import MEND_EVERY
from parachute_core.testing import RunningBot, running_bot

REVOKE = "/api/bots/pairing/telegram/1"
WITHIN = 5.0
"""Real seconds."""
ASIDE = "SELECT 1 FROM inbox WHERE state = 'aside'"
OUT = "SELECT 1 FROM grants WHERE user_id = '1' AND gone = 1 AND generation > 0 AND EXISTS (SELECT 1 FROM inbox WHERE state = 'aside')"
DISCARDED = "SELECT 1 FROM outbox WHERE state = 'discarded'"


@contextmanager
def held(home: Path) -> Iterator[None]:
    """Somebody else holds the database."""
    with closing(sqlite3.connect(home / "parachute.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@asynccontextmanager
async def answering(home: Path) -> AsyncIterator[RunningBot]:
    """A bot that is answering a question, and waits only a moment for its database."""
    async with running_bot(["retry", "pairing"], home=home) as bot:
        await bot.runtime.store.execute("PRAGMA busy_timeout = 50")
        bot.orchestrator.hold()
        await bot.say("hello")
        await bot.orchestrator.asked()
        yield bot


async def mended(bot: RunningBot, query: str) -> None:
    """Time passes until the store holds this, and what was held up by the agent goes on."""
    async with asyncio.timeout(2 * WITHIN):
        while not await bot.runtime.store.fetch_all(query):
            await bot.clock.advance(MEND_EVERY)
            await bot.runtime.store.answers()
    bot.orchestrator.release()
    await bot.clock.advance(MEND_EVERY)
    await bot.settled()


async def test_a_revocation_takes_effect_at_once_and_is_kept_over_a_restart(tmp_path: Path) -> None:
    async with answering(tmp_path) as bot:
        with held(tmp_path):
            async with asyncio.timeout(WITHIN):
                answer = await bot.request("DELETE", REVOKE)
            assert (answer.status, "refused from now on" in answer.json["error"]) == (503, True)
            assert not bot.runtime.access.is_allowed("telegram", "1")
            await bot.clock.advance(0)
            assert bot.orchestrator.closed == 1
        await mended(bot, OUT)
        assert bot.texts() == []
        assert (await bot.request("DELETE", REVOKE)).status == 404
    async with running_bot(["pairing"], home=tmp_path) as bot:
        await bot.settled()
        assert (bot.texts(), bot.runtime.access.is_allowed("telegram", "1")) == ([], False)


async def test_a_process_that_ends_before_the_store_takes_anything_lets_nobody_back_in(tmp_path: Path) -> None:
    async with answering(tmp_path) as bot:
        with held(tmp_path):
            assert (await bot.request("DELETE", REVOKE)).status == 503
    async with running_bot(["pairing"], home=tmp_path) as bot:
        await bot.settled()
        assert bot.orchestrator.turns == []
        assert not bot.runtime.access.is_allowed("telegram", "1")


async def test_where_the_file_cannot_be_written_either_the_user_is_refused_and_both_are_mended(tmp_path: Path) -> None:
    async with answering(tmp_path) as bot:
        config = tmp_path / "bots.yaml"
        good = config.read_text()
        config.write_text(good + "\n\t: nothing that can be read")
        with held(tmp_path):
            async with asyncio.timeout(WITHIN):
                assert (await bot.request("DELETE", REVOKE)).status == 503
            assert not bot.runtime.access.is_allowed("telegram", "1")
        config.write_text(good)
        await mended(bot, OUT)
        assert bot.texts() == []
        assert config.read_text() != good
    async with running_bot(["pairing"], home=tmp_path) as bot:
        assert not bot.runtime.access.is_allowed("telegram", "1")


async def test_who_is_let_in_again_meanwhile_does_not_get_the_level_of_before(tmp_path: Path) -> None:
    async with answering(tmp_path) as bot:
        await bot.runtime.access.allow("telegram", "1", TrustLevel.DIRECT)
        token = bot.runtime.owner_tokens.issue()
        with held(tmp_path):
            assert (await bot.request("DELETE", REVOKE)).status == 503
            with pytest.raises(StoreError):
                await bot.connector.link.redeem("1", token)
            assert not bot.runtime.access.is_allowed("telegram", "1")
        assert await bot.connector.link.redeem("1", token)
    async with running_bot(["pairing"], home=tmp_path) as bot:
        await bot.settled()
        await bot.ask("hello again")
        assert bot.orchestrator.turns[-1].trust_level == "sandboxed"


async def test_a_new_session_that_cannot_be_kept_is_not_taken_over_and_comes_again(tmp_path: Path) -> None:
    async with answering(tmp_path) as bot:
        with held(tmp_path):
            async with asyncio.timeout(WITHIN):
                with pytest.raises(ConnectionLost):
                    await bot.say("/new", message_id="m2")
        await bot.say("/new", message_id="m2")
        await mended(bot, ASIDE)
        assert bot.texts() == [texts.NEW_SESSION]


async def test_a_delivery_is_discarded_at_once(tmp_path: Path) -> None:
    async with running_bot(["retry"], home=tmp_path) as bot:
        await bot.runtime.store.execute("PRAGMA busy_timeout = 50")
        bot.connector.outcomes.append(NotDelivered("too many", 300.0))
        await bot.say("hello")
        await bot.settled()
        [waiting] = (await bot.request("GET", "/api/deliveries")).json["deliveries"]
        with held(tmp_path):
            async with asyncio.timeout(WITHIN):
                assert (await bot.request("POST", f"/api/deliveries/{waiting['id']}/discard")).status == 200
        await bot.clock.advance(600)
        await mended(bot, DISCARDED)
        assert bot.texts() == []
