"""What goes wrong between the bot and Telegram, met by the whole bot: repeated where that is safe, told where it is not."""

import asyncio
from typing import Any

import pytest

from parachute_core.testing.bot import RunningBot
from parachute_core.testing.http import Fault
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.running import until
from tests.connectors.telegram.running import SHORT, status, whole_bot

FLOOD = {"ok": False, "error_code": 429, "description": "Too Many Requests: retry after 7", "parameters": {"retry_after": 7}}


async def refusals(bot: RunningBot) -> list[str]:
    return [str(one.error) for one in await bot.runtime.failures.recent(10)]


async def test_flood_control_is_waited_for(api: FakeBotApi) -> None:
    api.server.faults.append(Fault("sendMessage", status=429, body=FLOOD))
    async with whole_bot(api) as bot:
        api.say("hello")
        await bot.clock.sleeping(7)
        await bot.clock.advance(6.9)
        assert api.texts() == []
        await bot.clock.advance(0.2)
        await api.until(lambda: api.texts() == ["hello"])
        await bot.settled()
        assert await refusals(bot) == []


async def test_a_server_that_is_away_for_a_moment_is_tried_again(api: FakeBotApi) -> None:
    async with whole_bot(api) as bot:
        orchestrator = bot.orchestrator
        orchestrator.hold()
        api.say("hello")
        await orchestrator.asked(1)
        await api.until(lambda: not api.updates)
        await api.server.stop()
        orchestrator.release()
        await bot.clock.sleeping(1)
        await api.server.start()
        await bot.clock.advance(1)
        await api.until(lambda: api.texts() == ["hello"])
        await bot.settled()


@pytest.mark.parametrize(
    ("fault", "arrived"),
    [
        ({"reset": True}, []),
        ({"lost": True}, ["hello"]),
        ({"cut": 3}, ["hello"]),
        ({"hang": True}, []),
        ({"status": 500}, []),
        ({"status": 502, "body": "<html>Bad Gateway</html>"}, []),
    ],
)
async def test_what_may_have_arrived_is_sent_again_once_and_says_so(api: FakeBotApi, fault: dict[str, Any], arrived: list[str]) -> None:
    api.server.faults.append(Fault("sendMessage", **fault))
    async with whole_bot(api, timeouts=SHORT) as bot:
        api.say("hello")
        await bot.clock.sleeping(1.0)
        await bot.clock.advance(1.0)
        await api.until(lambda: api.texts() == [*arrived, "(sent again) hello"])
        api.say("once more")
        await api.until(lambda: api.texts() == [*arrived, "(sent again) hello", "once more"])
        await bot.settled()
        assert await refusals(bot) == []
    assert len(api.calls("sendMessage")) == 3


@pytest.mark.parametrize(("policy", "state"), [("hold", "held"), ("drop", "dead")])
async def test_the_owner_may_have_it_held_or_dropped_instead(api: FakeBotApi, policy: str, state: str) -> None:
    api.server.faults.append(Fault("sendMessage", lost=True))
    async with whole_bot(api, plugins={"retry": {"ambiguous": policy}}) as bot:
        api.say("hello")
        await api.server.asked("sendMessage")
        await bot.settled()
        (one,) = await bot.runtime.failures.recent(10)
        assert (one.state, one.error) == (state, "Ambiguous")
        api.say("once more")
        await api.until(lambda: api.texts() == ["hello", "once more"])
        await bot.settled()
    assert len(api.calls("sendMessage")) == 2


async def test_a_labelled_copy_that_may_have_arrived_too_is_not_sent_a_third_time_and_its_owner_is_told(api: FakeBotApi) -> None:
    api.server.faults.append(Fault("sendMessage", count=2, lost=True))
    async with whole_bot(api) as bot:
        api.say("hello")
        await bot.clock.sleeping(1.0)
        await bot.clock.advance(1.0)
        await api.until(lambda: api.texts() == ["hello", "(sent again) hello"])
        await bot.settled()
        await bot.clock.advance(7 * 3600)
        await bot.settled()
        assert len(api.calls("sendMessage")) == 2
        [one] = (await bot.request("GET", "/api/deliveries?state=dead")).json["deliveries"]
        assert (one["error"], one["tries"]) == ("Ambiguous", 2)
        [entry] = (await bot.request("GET", "/api/audit?what=delivery_given_up")).json["entries"]
        assert entry["delivery"] == one["id"]
        api.say("once more")
        await api.until(lambda: api.texts() == ["hello", "(sent again) hello", "once more"])
        await bot.request("POST", f"/api/deliveries/{one['id']}/retry")
        await api.until(lambda: api.texts()[3:] == ["hello"])
        await bot.settled()


async def test_a_person_who_blocked_the_bot_is_left_alone_until_they_write(api: FakeBotApi) -> None:
    api.blocked.add("1")
    async with whole_bot(api) as bot:
        api.say("hello")
        await api.server.asked("sendMessage")
        await bot.settled()
        assert await refusals(bot) == ["Unreachable"]
        await bot.clock.advance(86_400)
        await bot.settled()
        assert len(api.calls("sendMessage")) == 1
        api.blocked.clear()
        api.say("I am back")
        await api.until(lambda: api.texts() == ["hello", "I am back"])
        await bot.settled()
        assert await refusals(bot) == []


async def test_a_wrong_token_fails_at_once_and_is_left_alone(api: FakeBotApi) -> None:
    wrong = "123456:wrong-token-wrong-token"
    async with whole_bot(api, bot_token=wrong, state="failed") as bot:
        await bot.clock.advance(300)
        await asyncio.sleep(0.05)
        report = status(bot)
        tested = await bot.request("POST", "/api/bots/telegram/test")

    assert report["running"] is False
    assert report["last_error"] == "Telegram refuses the bot token"
    assert tested.json["success"] is False
    assert wrong not in str(report) + str(tested.json)
    assert len(api.server.requests) < 5


async def test_a_platform_in_trouble_is_asked_ever_more_rarely_and_found_again(api: FakeBotApi) -> None:
    trouble = Fault("getUpdates", count=None, status=502, body="<html>Bad Gateway</html>")
    async with whole_bot(api) as bot:
        api.server.faults.append(trouble)
        await api.server.asked("getUpdates", 2)
        api.say("ends the poll that waits")
        before = len(api.server.requests)
        for _ in range(100):
            await bot.clock.advance(0.1)
            await asyncio.sleep(0.01)
        assert len(api.server.requests) - before < 20
        assert status(bot)["status"] == "reconnecting"
        assert trouble.met > 1

        api.server.faults.clear()
        for _ in range(100):
            if status(bot)["status"] == "running":
                break
            await bot.clock.advance(2)
            await asyncio.sleep(0.02)
        assert status(bot)["status"] == "running"
        api.say("hello again")
        await api.until(lambda: api.texts()[-1:] == ["hello again"])
        await bot.settled()


async def test_another_poller_is_reported_and_waited_for(api: FakeBotApi) -> None:
    async with whole_bot(api) as bot:
        await api.server.asked("getUpdates", 2)
        api.webhook = "https://a.org/hook"
        api.say("ends the poll that waits")
        await until(lambda: status(bot)["status"] == "reconnecting")
        asked = len(api.calls("getUpdates"))
        assert "webhook" in str(status(bot)["last_error"])
        await bot.clock.advance(29)
        await asyncio.sleep(0.05)
        assert len(api.calls("getUpdates")) == asked
        api.webhook = ""
        await bot.clock.advance(31)
        await until(lambda: status(bot)["status"] == "running")


async def test_who_the_bot_is_can_be_asked_over_the_api(api: FakeBotApi) -> None:
    async with whole_bot(api) as bot:
        answer = await bot.request("POST", "/api/bots/telegram/test")

    assert answer.json == {"success": True, "bot_name": "Fake Bot", "bot_username": "FakeBot"}
