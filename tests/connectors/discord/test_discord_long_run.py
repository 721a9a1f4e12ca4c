"""The whole bot on Discord through a day of outages and over restarts."""

import asyncio
import logging
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from parachute_pairing import texts as pairing

from parachute_core.testing.discord import FakeDiscord, rate_limit
from parachute_core.testing.http import Fault
from tests.connectors.discord.running import passing, status, whole_bot
from tests.connectors.running import until

LIST = "/api/bots/pairing"
MANY = {"ratelimit": {"limit": 10_000}}


def fetched(discord: FakeDiscord, channel: str, times: int) -> bool:
    asked = [one for one in discord.server.requests if one.method == "GET" and one.path.endswith(f"/{channel}/messages")]
    return len(asked) >= times


async def test_a_day_of_outages_ends_running_and_loses_nothing(discord: FakeDiscord) -> None:
    dice = random.Random(5)
    written: list[str] = []
    states: set[object] = set()
    gateway, faults = discord.gateway, discord.server.faults
    troubles: list[Callable[[], object]] = [
        gateway.drop,
        gateway.invalidate,
        gateway.ask_to_reconnect,
        lambda: gateway.close(dice.choice((1000, 1001, 4000, 4003, 4007, 4008, 4009))),
        lambda: faults.append(Fault("/gateway/bot", status=503, count=dice.randint(1, 3))),
        lambda: faults.append(rate_limit("/gateway/bot", 90.0)),
        lambda: faults.append(Fault("/gateway/bot", reset=True, count=2)),
        lambda: setattr(gateway, "silent", True),
        lambda: setattr(gateway, "acknowledges", False),
        gateway.forget_sessions,
    ]
    async with whole_bot(discord, plugins=MANY) as bot:
        discord.say("first")
        await until(lambda: discord.texts(discord.direct("1")) == ["first"])
        for half_hour in range(48):
            dice.choice(troubles)()
            if half_hour % 8 == 0:
                discord.say(f"m{half_hour}")
                written.append(f"m{half_hour}")
            for _ in range(6):
                await bot.clock.advance(300.0)
                await asyncio.sleep(0.02)
                states.add(status(bot)["status"])
            gateway.silent, gateway.acknowledges = False, True
        faults.clear()
        await passing(bot, lambda: status(bot)["status"] == "running")
        discord.say("last")
        await passing(bot, lambda: len(discord.texts(discord.direct("1"))) == len(written) + 2)
        await bot.settled()
        assert discord.texts(discord.direct("1")) == ["first", *written, "last"]
        assert len(gateway.clients) == 1

    assert gateway.identified > 10
    assert "reconnecting" in states
    assert "failed" not in states


async def test_what_was_written_while_the_bot_was_stopped_is_answered_once(discord: FakeDiscord, tmp_path: Path) -> None:
    direct, room = discord.direct("1"), discord.room()
    async with whole_bot(discord, home=tmp_path, plugins=MANY):
        discord.say("one")
        discord.say(f"<@{discord.bot_id}> r1", "1", room)
        await until(lambda: (discord.texts(direct), discord.texts(room)) == (["one"], ["r1"]))
    discord.gateway.forget_sessions()
    discord.say("two")
    discord.say(f"<@{discord.bot_id}> r2", "1", room)
    for start in (1, 2):
        async with whole_bot(discord, home=tmp_path, plugins=MANY) as bot:
            await until(lambda: (discord.texts(direct), discord.texts(room)) == (["one", "two"], ["r1", "r2"]))
            await until(partial(fetched, discord, direct, start))
            await until(partial(fetched, discord, room, start))
            await bot.settled()

    assert (discord.texts(direct), discord.texts(room)) == (["one", "two"], ["r1", "r2"])


async def test_what_was_written_while_the_connector_was_stopped_is_answered(discord: FakeDiscord) -> None:
    async with whole_bot(discord, plugins=MANY) as bot:
        discord.say("one")
        await until(lambda: discord.texts(discord.direct("1")) == ["one"])
        assert (await bot.request("POST", "/api/bots/discord/stop")).json["success"]
        discord.gateway.forget_sessions()
        discord.say("two")
        assert (await bot.request("POST", "/api/bots/discord/start")).json["success"]
        await until(lambda: discord.texts(discord.direct("1")) == ["one", "two"])


@pytest.mark.parametrize(("decision", "told"), [("approve", pairing.APPROVED), ("deny", pairing.DENIED)])
async def test_a_decision_right_after_a_restart_is_told(discord: FakeDiscord, tmp_path: Path, decision: str, told: str) -> None:
    async with whole_bot(discord, home=tmp_path) as bot:
        discord.say("Let me in", "7")
        await until(lambda: discord.texts(discord.direct("7")))
        asked = (await bot.request("GET", LIST)).json["requests"][0]["id"]
    async with whole_bot(discord, home=tmp_path) as bot:
        assert (await bot.request("POST", f"{LIST}/{asked}/{decision}", {})).status == 200
        await until(lambda: discord.texts(discord.direct("7"))[1:] == [told.format(id=asked)])


async def test_the_status_is_true_while_the_library_resumes(discord: FakeDiscord) -> None:
    async with whole_bot(discord) as bot:
        discord.gateway.silent = True
        discord.gateway.drop()
        await until(lambda: status(bot)["status"] == "reconnecting")
        assert "gateway" in str(status(bot)["last_error"])
        await until(lambda: len(discord.gateway.clients) == 1)
        assert status(bot)["status"] == "reconnecting"
        discord.gateway.silent = False
        discord.gateway.drop()
        await until(lambda: status(bot)["status"] == "running")
        assert status(bot)["last_proof"] == "RESUMED"


async def test_no_line_of_the_log_and_no_answer_of_the_api_has_a_token(discord: FakeDiscord, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    shown = ""
    async with whole_bot(discord) as bot:
        discord.say("Hello")
        discord.use("chat", message="What now?")
        discord.gateway.ask_to_reconnect()
        await discord.gateway.until(resumed=1)
        discord.server.faults.append(Fault("/messages$", status=500, body="<html></html>"))
        discord.say("Hello again")
        await passing(bot, lambda: len(discord.texts(discord.direct("1"))) == 3)
        discord.rest.token = discord.gateway.token = "another"
        discord.gateway.forget_sessions()
        discord.gateway.close(4003)
        await passing(bot, lambda: status(bot)["status"] == "failed")
        for method, path in (("GET", "/api/bots/status"), ("GET", "/api/bots/config"), ("POST", "/api/bots/discord/test")):
            answer = await bot.request(method, path)
            shown += str(answer.json) + str(answer.headers)

    assert any(one.name.startswith("hikari") and one.levelno == logging.DEBUG for one in caplog.records)
    used = [str(one["token"]) for one in discord.rest.responses]
    assert used
    for secret in (discord.token, discord.token.rpartition(".")[2], *used):
        assert secret not in caplog.text + shown
