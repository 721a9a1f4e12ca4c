"""`parachute-core deliveries` and `audit`, against a bot that runs."""

import asyncio
import json
import signal
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from parachute_core import Ambiguous, NotDelivered, Rejected
from parachute_core.cli import main
from parachute_core.home import Home
from parachute_core.testing import RunningBot, running_bot


@pytest.fixture
async def bot() -> AsyncIterator[RunningBot]:
    async with running_bot({"retry": {"ambiguous": "hold"}}, allowed=("1", "2", "3"), serve=True) as bot:
        with Home(bot.home).announced(bot.url):
            yield bot


async def invoke(bot: RunningBot, *arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, [*arguments, "--home", str(bot.home)], env={"NO_COLOR": "1"})


async def fine(bot: RunningBot, *arguments: str) -> str:
    done = await invoke(bot, *arguments)
    assert (done.exit_code, done.stderr) == (0, ""), done.stderr
    return done.stdout


async def listed(bot: RunningBot, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(await fine(bot, "deliveries", *arguments, "--json"))["deliveries"]
    return found


async def make_trouble(bot: RunningBot) -> tuple[str, str, str]:
    """Ids of one that waits, one that is held, one that was given up."""
    for user, error in (("1", NotDelivered("busy", retry_after=6000)), ("2", Ambiguous("timeout")), ("3", Rejected("no"))):
        bot.connector.outcomes.append(error)
        await bot.ask(f"secret words of {user}", user)
    dead, held, queued = [str(one["id"]) for one in await listed(bot)]
    return queued, held, dead


async def test_nothing_to_see(bot: RunningBot) -> None:
    assert await fine(bot, "deliveries") == "nothing waits, nothing is held, nothing was given up\n"
    assert "0 queued, 0 held, 0 dead" in await fine(bot, "status")


async def test_list_with_and_without_its_name_and_filters(bot: RunningBot) -> None:
    queued, held, dead = await make_trouble(bot)
    shown = await fine(bot, "deliveries")
    assert shown == await fine(bot, "deliveries", "list")
    assert [line.split()[0] for line in shown.splitlines()[1:]] == [dead, held, queued]
    assert [line.split()[3] for line in shown.splitlines()[1:]] == ["dead", "held", "queued"]
    assert "secret" not in shown
    assert [str(one["id"]) for one in await listed(bot, "--state", "held")] == [held]
    assert [str(one["id"]) for one in await listed(bot, "list", "--chat", "3", "--platform", "telegram")] == [dead]
    assert await listed(bot, "--platform", "discord") == []
    status = await fine(bot, "status")
    assert "1 queued, 1 held, 1 dead; the oldest waits for 0 s" in status
    assert all(word in status for word in ("held", "dead", "queued", "Ambiguous", "Rejected", "NotDelivered"))


async def test_retry_and_discard(bot: RunningBot) -> None:
    queued, held, dead = await make_trouble(bot)
    assert await fine(bot, "deliveries", "retry", held, dead) == f"delivery {held} is sent once more\ndelivery {dead} is sent once more\n"
    assert await fine(bot, "deliveries", "discard", queued) == f"delivery {queued} is discarded\n"
    await bot.settled()
    assert (bot.texts("1"), bot.texts("2"), bot.texts("3")) == ([], ["secret words of 2"], ["secret words of 3"])
    assert await listed(bot) == []
    for arguments in (("retry", held), ("discard", queued), ("retry", "9999")):
        done = await invoke(bot, "deliveries", *arguments)
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.stderr.startswith("error: ")
        assert len(done.stderr.splitlines()) == 1


async def test_the_first_of_several_that_cannot_be_done_ends_it(bot: RunningBot) -> None:
    _, held, dead = await make_trouble(bot)
    done = await invoke(bot, "deliveries", "discard", held, "9999", dead)
    assert (done.exit_code, done.stdout) == (1, f"delivery {held} is discarded\n")
    assert "9999" in done.stderr
    assert [str(one["id"]) for one in await listed(bot, "--state", "dead")] == [dead]


@pytest.mark.parametrize("arguments", [("retry",), ("discard", "x"), ("retry", "0"), ("nonsense",), ("--state", "sent")])
async def test_wrong_usage(bot: RunningBot, arguments: tuple[str, ...]) -> None:
    assert (await invoke(bot, "deliveries", *arguments)).exit_code == 2


async def test_help_is_of_the_group(bot: RunningBot) -> None:
    told = await asyncio.to_thread(CliRunner().invoke, main, ["deliveries", "--help"])
    assert told.exit_code == 0
    assert all(word in told.stdout for word in ("list", "retry", "discard"))
    assert bot.texts() == []


async def test_audit_shows_who_decided_what(bot: RunningBot) -> None:
    _, held, _ = await make_trouble(bot)
    await fine(bot, "deliveries", "discard", held)
    shown = (await fine(bot, "audit")).splitlines()
    assert "owner  delivery_discarded" in shown[1]
    assert f"telegram, chat 2, delivery {held}" in shown[1]
    told = json.loads(await fine(bot, "audit", "--who", "core", "--what", "delivery_held", "--json"))["entries"]
    assert [one["delivery"] for one in told] == [int(held)]
    assert await fine(bot, "audit", "--user", "nobody") == "nothing is on record\n"
    assert len((await fine(bot, "audit", "--limit", "1")).splitlines()) == 2
    assert (await invoke(bot, "audit", "--what", "nonsense")).exit_code == 1


def test_with_a_bot_in_a_process_of_its_own(
    home: Path, start: Callable[..., Any], command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    first = start(home).wait_until_up()
    assert first.end(signal.SIGTERM) == 0
    with closing(sqlite3.connect(home / "parachute.db")) as database:
        database.execute(
            "INSERT INTO outbox (id, platform, chat_id, kind, purpose, state, tries, unknown, resent, created_at, changed_at, error) "
            "VALUES (5, 'web', 'c', 'message', 'notice', 'dead', 1, 0, 0, :at, :at, 'Rejected')",
            {"at": "2026-01-01T00:00:00+00:00"},
        )
        database.commit()
    second = start(home).wait_until_up()
    done = command("deliveries", "--json", "--home", home)
    assert [one["id"] for one in json.loads(done.stdout)["deliveries"]] == [5], done.stderr
    done = command("deliveries", "retry", 5, "--home", home)
    assert (done.returncode, done.stderr) == (1, "error: the text of delivery 5 is gone, so it cannot be sent again\n")
    assert command("deliveries", "discard", 5, "--home", home).stdout == "delivery 5 is discarded\n"
    entries = json.loads(command("audit", "--json", "--home", home).stdout)["entries"]
    assert [(one["who"], one["what"]) for one in entries] == [
        ("owner", "delivery_discarded"),
        ("core", "connector_started"),
        ("core", "connector_stopped"),
        ("core", "connector_started"),
    ]
    assert second.end(signal.SIGTERM) == 0
