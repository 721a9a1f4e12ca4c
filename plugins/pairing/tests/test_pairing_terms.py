"""Access that was given for some time: it ends by itself, like a revocation."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from parachute_core import ChatType
from parachute_core.testing import FakeClock, RunningBot, running_bot

LIST = "/api/bots/pairing"
HOUR, DAY = 3600.0, 86_400.0


async def let_in(bot: RunningBot, user_id: str, **until: Any) -> dict[str, Any]:
    await bot.ask("hello", user_id)
    (request_id,) = [one["id"] for one in (await bot.request("GET", LIST)).json["requests"] if one["platformUserId"] == user_id]
    answer = await bot.request("POST", f"{LIST}/{request_id}/approve", until)
    assert answer.status == 200, answer.json
    await bot.settled()
    return dict(answer.json["request"])


def allowlist(home: Path) -> list[int]:
    return list(yaml.safe_load((home / "bots.yaml").read_text())["telegram"]["allowed_users"])


async def test_a_grant_ends_at_its_moment_with_its_fence_and_on_record(listener: Any) -> None:
    async with running_bot(["pairing"], extra_plugins={"listener": listener.make}) as bot:
        until = bot.clock.now() + timedelta(hours=12)
        request = await let_in(bot, "7", expires_in=12 * HOUR)
        assert request["grantUntil"] == until.isoformat()
        await bot.clock.advance(12 * HOUR - 1)
        bot.orchestrator.hold()
        await bot.say("a long question", "7")
        await bot.orchestrator.asked()
        before = bot.texts("7")
        await bot.clock.advance(1)
        await listener.heard("revoked")
        bot.orchestrator.release()
        await bot.settled()
        assert bot.texts("7") == before, "the answer in the making is stopped"
        assert allowlist(bot.home) == [1]
        assert listener.events[-1].why == f"it was given until {until}"
        entries = (await bot.request("GET", "/api/audit?user_id=7")).json["entries"]
        on_record = [(one["what"], one["who"], one["why"]) for one in entries if one["what"].endswith("revoked")]
        assert on_record == [
            ("pairing_revoked", "pairing", f"it was given until {until}"),
            ("revoked", "pairing", "stopped: 1 answers in the making, 0 not delivered yet"),
        ]
        assert (await bot.ask("still there?", "7"))[0].startswith("Hello!")


async def test_a_grant_ends_also_while_the_bot_is_away(tmp_path: Path) -> None:
    clock = FakeClock()
    async with running_bot(["pairing"], home=tmp_path, clock=clock) as bot:
        await let_in(bot, "7", until=(clock.now() + timedelta(days=2)).isoformat())
        await let_in(bot, "8")
    await clock.advance(DAY)
    async with running_bot(home=tmp_path, clock=clock) as bot:
        assert await bot.ask("hi", "7") == ["hi"]
    await clock.advance(DAY)
    async with running_bot(home=tmp_path, clock=clock) as bot:
        assert allowlist(tmp_path) == [1, 8]
        assert (await bot.ask("hi", "7"))[0].startswith("Hello!")
        assert await bot.ask("hi", "8") == ["hi"]


async def test_no_message_slips_through_before_the_end_is_noticed() -> None:
    async with running_bot(["pairing"]) as bot:
        await let_in(bot, "7", expires_in=HOUR)
        bot.clock.jump_wall(HOUR)  # the machine's clock was set; nobody who sleeps notices
        await bot.say("hello all", "7", "-100", chat_type=ChatType.GROUP)
        await bot.settled()
        assert bot.texts("-100") == []
        assert (await bot.ask("hi", "7"))[0].startswith("Hello!")
        assert bot.orchestrator.turns == []


async def test_a_grant_without_an_end_takes_the_place_of_one_with_an_end() -> None:
    async with running_bot(["pairing"]) as bot:
        await let_in(bot, "7", expires_in=HOUR)
        await bot.request("DELETE", f"{LIST}/telegram/7")
        await let_in(bot, "7")
        await bot.clock.advance(2 * HOUR)
        assert await bot.ask("hi", "7") == ["hi"]


async def test_of_many_grants_each_ends_at_its_own_moment() -> None:
    async with running_bot(["pairing"]) as bot:
        for number in (3, 1, 2):
            await let_in(bot, str(100 + number), expires_in=number * HOUR)
        for hour in (1, 2, 3):
            await bot.clock.advance(HOUR)
            answered = [(await bot.ask(f"hour {hour}", str(100 + number)))[:1] == [f"hour {hour}"] for number in (1, 2, 3)]
            assert answered == [number > hour for number in (1, 2, 3)]


@pytest.mark.parametrize(
    "body",
    [
        {"expires_in": 0},
        {"expires_in": -1},
        {"expires_in": True},
        {"expires_in": "12h"},
        {"expires_in": 1e300},
        {"until": "tomorrow"},
        {"until": 5},
        {"until": "2026-01-05T11:59:59+00:00"},
        {"until": "2026-01-06T12:00:00"},
        {"until": "2126-01-06T12:00:00+00:00"},
        {"expires_in": 60, "until": "2026-01-06T12:00:00+00:00"},
    ],
)
async def test_an_end_that_makes_no_sense_is_refused(body: dict[str, Any]) -> None:
    async with running_bot(["pairing"]) as bot:
        await bot.ask("hello", "7")
        (request,) = (await bot.request("GET", LIST)).json["requests"]
        answer = await bot.request("POST", f"{LIST}/{request['id']}/approve", body)
        assert (answer.status, answer.json["success"]) == (422, False)
        assert (await bot.request("GET", f"{LIST}/count")).json["pending"] == 1


async def test_an_end_in_another_time_zone_is_the_same_moment() -> None:
    async with running_bot(["pairing"]) as bot:
        request = await let_in(bot, "7", until="2026-01-05T15:00:00+02:00")
        assert datetime.fromisoformat(request["grantUntil"]) == bot.clock.now() + timedelta(hours=1)
        assert request["grantUntil"].endswith("+00:00")
