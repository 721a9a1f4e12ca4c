"""While messages cannot be kept the owner reads why, and whoever balances load reads that the bot is not ready."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from parachute_core import ConnectionLost, CredentialsRefused, Unreachable
from parachute_core.engine.housekeeping import EVERY
from parachute_core.testing import RunningBot, running_bot

LONG = "word " * 20_000


async def told(bot: RunningBot) -> tuple[int, dict[str, object]]:
    ready = await bot.request("GET", "/readyz", key=False)
    store: dict[str, object] = (await bot.request("GET", "/api/bots/status")).json["store"]
    assert "full" not in str(ready.json)
    assert "locked" not in str(ready.json)
    return ready.status, store


async def test_a_full_disk_is_told_and_so_is_its_end() -> None:
    async with running_bot() as bot:
        assert await told(bot) == (200, {"usable": True, "trouble": None})
        store = bot.runtime.store
        await store.execute("PRAGMA max_page_count = 1")  # no page more than there are
        with pytest.raises(ConnectionLost):
            await bot.say(LONG)
        status, trouble = await told(bot)
        assert (status, trouble["usable"]) == (503, False)
        assert "full" in str(trouble["trouble"])
        await store.execute("PRAGMA max_page_count = 1000000")
        await bot.clock.advance(5)
        await bot.clock.advance(0)
        await bot.runtime.register.flush()
        assert await bot.ask("hello") == ["hello"]
        assert await told(bot) == (200, {"usable": True, "trouble": None})


async def test_a_locked_database_is_told_and_its_end_is_seen_though_nobody_writes(tmp_path: Path) -> None:
    async with running_bot(home=tmp_path) as bot:
        await bot.runtime.store.execute("PRAGMA busy_timeout = 50")
        with closing(sqlite3.connect(tmp_path / "parachute.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(ConnectionLost):
                await bot.say("hello")
            status, trouble = await told(bot)
            assert (status, trouble["usable"]) == (503, False)
            assert "locked" in str(trouble["trouble"])
            other.execute("ROLLBACK")
        for _ in range(100):
            await bot.clock.advance(5)
            if bot.runtime.services.trouble() is None:
                break
        assert await told(bot) == (200, {"usable": True, "trouble": None})
        entries = (await bot.request("GET", "/api/audit?what=store_recovered")).json["entries"]
        assert [(one["who"], "locked" in one["why"]) for one in entries] == [("core", True)]


async def test_a_note_that_cannot_be_kept_either_does_not_end_the_trouble() -> None:
    async with running_bot() as bot:
        for table in ("inbox", "audit"):
            await bot.runtime.store.execute(f"CREATE TRIGGER full_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END")
        with pytest.raises(ConnectionLost):
            await bot.say("hello")
        bot.connector.lose(CredentialsRefused("the token is refused"))
        await bot.clock.advance(0)
        await bot.runtime.register.flush()
        assert (await told(bot))[1]["usable"] is False


async def test_an_answer_that_nobody_took_for_a_month_is_not_made_anew(tmp_path: Path) -> None:
    async with running_bot(allowed=("1", "2"), home=tmp_path) as bot:
        bot.connector.outcomes.append(Unreachable("blocked by the user"))
        await bot.say("hello")
        await bot.settled()
        await bot.ask("hello", user_id="2")
        await bot.clock.advance(31 * 86_400)
        for _ in range(2):
            await bot.clock.sleeping(EVERY)  # the house is kept, in real time
            await bot.clock.advance(EVERY)
        await bot.clock.sleeping(EVERY)
        assert [row["state"] for row in await bot.runtime.store.fetch_all("SELECT state FROM outbox")] == ["sent"]
    async with running_bot(home=tmp_path) as bot:
        await bot.settled()
        assert bot.orchestrator.turns == []


async def test_what_could_not_be_read_at_a_start_is_taken_up_at_the_next_try(tmp_path: Path) -> None:
    async with running_bot(home=tmp_path) as bot:
        bot.orchestrator.hold()
        await bot.say("hello")
        await bot.orchestrator.asked()
        await bot.runtime.intake.give_up()
    config = tmp_path / "bots.yaml"
    config.write_text(config.read_text().replace("enabled: true", "enabled: false"))
    async with running_bot(home=tmp_path) as bot:
        await bot.runtime.store.execute("ALTER TABLE inbox RENAME TO away")
        await bot.request("PUT", "/api/bots/config", {"telegram": {"enabled": True}})
        await bot.clock.advance(1)
        await bot.runtime.store.execute("ALTER TABLE away RENAME TO inbox")
        await bot.request("POST", "/api/bots/telegram/start")
        await bot.clock.advance(120)
        await bot.settled()
        assert bot.texts() == ["hello"]
