"""Messages that enter through a connector meet the budget."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from parachute_core import (
    ChatType,
    Done,
    Layer,
    OrchestratorError,
    OrchestratorFault,
    Outgoing,
    Receipt,
    Send,
    SendKind,
    TextDelta,
    TurnEvent,
    Usage,
    Withheld,
    hookimpl,
)
from parachute_core.testing import FakeClock, RunningBot, ScriptedOrchestrator, running_bot

USED_UP = "You have used up what there is for you today — please try again in {}."
DAY = {"per": "user", "period": "day"}
ALL_DAY = {"per": "all", "period": "day"}


def turns(limit: int, per: str = "user", period: str = "day", **more: Any) -> dict[str, dict[str, Any]]:
    return {"budget": {"budgets": [{"per": per, "period": period, "turns": limit}], "warn_at": None, **more}}


def tokens(limit: int, reserve: int = 100, per: str = "user", **more: Any) -> dict[str, dict[str, Any]]:
    return {"budget": {"budgets": [{"per": per, "period": "day", "tokens": limit}], "reserve_tokens": reserve, "warn_at": None, **more}}


def costing(*usages: Usage) -> list[TurnEvent | Exception]:
    return [*usages, TextDelta("ok"), Done()]


def asked(bot: RunningBot) -> int:
    return len(bot.orchestrator.turns)


async def accounts(bot: RunningBot, budget: int = 0) -> list[tuple[str | None, float, float]]:
    """Whose, spent, reserved."""
    answer = await bot.request("GET", "/api/budget")
    assert answer.status == 200, answer
    return [(one["id"], one["spent"], one["reserved"]) for one in answer.json["budgets"][budget]["accounts"]]


async def test_the_turn_after_the_last_one_is_refused_once_with_the_time_to_wait_then_in_silence() -> None:
    async with running_bot(turns(2)) as bot:
        assert await bot.ask("one") == ["one"]
        assert await bot.ask("two") == ["two"]
        assert await bot.ask("three") == [USED_UP.format("12 hours")]
        assert await bot.ask("four") == []
        assert asked(bot) == 2
        assert await accounts(bot) == [("1", 2, 0)]


async def test_each_refused_message_can_be_answered() -> None:
    async with running_bot(turns(1, notify="always", message="no more {period} for {who}, wait {wait}")) as bot:
        await bot.ask("one")
        for _ in range(2):
            assert await bot.ask("more") == ["no more today for you, wait 12 hours"]


async def test_the_next_day_begins_at_midnight_of_the_time_zone() -> None:
    clock = FakeClock(datetime(2026, 3, 28, 22, 30, tzinfo=UTC))  # half past eleven in Berlin, before the night that clocks go forward
    async with running_bot(turns(1, timezone="Europe/Berlin"), clock=clock) as bot:
        assert await bot.ask("one") == ["one"]
        assert await bot.ask("two") == [USED_UP.format("30 minutes")]
        await clock.leap(30 * 60 - 1)
        assert await bot.ask("too early") == []
        await clock.leap(1)
        assert await bot.ask("in time") == ["in time"]
        assert await bot.ask("more") == [USED_UP.format("23 hours")]
        await clock.leap(23 * 3600)
        assert await bot.ask("the day after") == ["the day after"]


async def test_a_month() -> None:
    clock = FakeClock(datetime(2026, 2, 27, 12, tzinfo=UTC))
    async with running_bot(turns(2, period="month"), clock=clock) as bot:
        await bot.ask("one")
        await clock.leap(86400)
        assert await bot.ask("two") == ["two"]
        assert await bot.ask("three") == ["You have used up what there is for you this month — please try again in 12 hours."]
        await clock.leap(12 * 3600)
        assert await bot.ask("in March") == ["in March"]


async def test_users_do_not_touch_each_other_and_a_user_spends_in_all_chats() -> None:
    async with running_bot(turns(2), allowed=("1", "2")) as bot:
        await bot.ask("one")
        await bot.ask("two", "1", "-100")
        assert await bot.ask("three", "1", "-100") == [USED_UP.format("12 hours")]
        assert await bot.ask("hello", "2", "-100") == ["hello"]


async def test_a_chat_and_everybody() -> None:
    both = {"budgets": [{"per": "chat", "period": "day", "turns": 2}, {**ALL_DAY, "turns": 3}], "warn_at": None}
    async with running_bot({"budget": both}, allowed=("1", "2", "3")) as bot:
        await bot.ask("one", "1", "-100")
        await bot.ask("two", "2", "-100")
        assert (await bot.ask("three", "3", "-100"))[0].startswith("This chat has used up")
        assert await bot.ask("own chat", "3") == ["own chat"]
        assert (await bot.ask("now the bot", "3"))[0].startswith("I have used up what I may spend today")
        assert await accounts(bot, 1) == [(None, 3, 0)]


async def test_what_is_told_is_charged_whatever_was_reserved() -> None:
    agent = ScriptedOrchestrator(costing(Usage(10, 5, 2), Usage(3, 0)), costing(Usage(900, 0)))
    async with running_bot(tokens(1000), orchestrator=agent) as bot:
        await bot.ask("cheap")
        assert await accounts(bot) == [("1", 20, 0)]
        await bot.ask("dear")
        assert await accounts(bot) == [("1", 920, 0)]
        assert (await bot.ask("too much"))[0].startswith("You have used up")
        assert asked(bot) == 2


async def test_money() -> None:
    budget = {"budgets": [{**DAY, "money": 0.05}], "prices": {"input": 3, "output": 15, "cached": 0.3, "currency": "EUR"}, "warn_at": None}
    agent = ScriptedOrchestrator(costing(Usage(1000, 100, 10_000)), costing(Usage(0, 3000)))
    async with running_bot({"budget": {**budget, "reserve_tokens": 1000}}, orchestrator=agent) as bot:
        await bot.ask("one")
        assert await accounts(bot) == [("1", 0.0075, 0)]
        await bot.ask("two")
        assert await accounts(bot) == [("1", 0.0525, 0)]
        assert (await bot.ask("three"))[0].startswith("You have used up")
        answer = (await bot.request("GET", "/api/budget")).json
        assert (answer["currency"], answer["budgets"][0]["limit"]) == ("EUR", 0.05)


CHEAP, DEAR = {"input": 1, "output": 2, "cached": 0.5, "cache_write": 3}, {"input": 10, "output": 20}


@pytest.mark.parametrize(
    ("prices", "told", "spent"),
    [
        ({"models": {"cheap": CHEAP, "dear": DEAR}}, [Usage(1000, 1000, 1000, 1000, "cheap")], 0.0065),
        ({"models": {"cheap": CHEAP, "dear": DEAR}}, [Usage(1000, 1000, 1000, 1000, "dear")], 0.0525),
        ({"models": {"cheap": CHEAP, "dear": DEAR}}, [Usage(1000, 0, model="nobody knows it")], 0.01),
        ({"models": {"cheap": CHEAP, "dear": DEAR}}, [Usage(1000, 0)], 0.01),
        ({"models": {"cheap": CHEAP}, **DEAR}, [Usage(1000, 0, model="another")], 0.01),
        ({"models": {"dear": DEAR}, **CHEAP}, [Usage(1000, 0, model="another")], 0.001),
        ({"models": {"dear": DEAR}, **CHEAP}, [Usage(1000, 0)], 0.01),
        ({"models": {"cheap": CHEAP, "dear": DEAR}}, [Usage(500, 0, model="cheap"), Usage(500, 0, model="cheap")], 0.001),
        ({"models": {"cheap": CHEAP, "dear": DEAR}}, [Usage(500, 0, model="cheap"), Usage(500, 0, model="dear")], 0.01),
        (DEAR, [Usage(0, 0, 0, 1000, "any")], 0.0125),
    ],
)
async def test_each_model_has_its_price_and_what_is_not_known_the_dearest(prices: dict[str, Any], told: list[Usage], spent: float) -> None:
    budget = {"budgets": [{**DAY, "money": 5}], "prices": prices, "reserve_tokens": 100}
    async with running_bot({"budget": budget}, orchestrator=ScriptedOrchestrator(costing(*told))) as bot:
        await bot.ask("one")
        ((_, charged, _),) = await accounts(bot)
        assert charged == pytest.approx(spent)


async def test_a_turn_that_never_tells_costs_its_reserve() -> None:
    async with running_bot(tokens(250)) as bot:
        await bot.ask("one")
        await bot.ask("two")
        assert await accounts(bot) == [("1", 200, 0)]
        assert (await bot.ask("three"))[0].startswith("You have used up")


async def test_while_it_runs_a_turn_holds_its_reserve_or_what_it_told() -> None:
    gate = asyncio.Event()

    class Slow(ScriptedOrchestrator):
        async def answer(self, turn: Any) -> Any:
            self.turns.append(turn)
            self._begun.set()
            yield Usage(150, 0)
            await gate.wait()
            yield TextDelta("ok")
            yield Done()

    agent = Slow()
    async with running_bot(tokens(400), orchestrator=agent) as bot:
        await bot.say("one", "1", "-1")
        await agent.asked()
        await bot.clock.advance(0)
        for _ in range(200):
            if await accounts(bot) == [("1", 0, 150)]:
                break
            await asyncio.sleep(0.01)
        assert await accounts(bot) == [("1", 0, 150)]
        gate.set()
        await bot.settled()
        assert await accounts(bot) == [("1", 150, 0)]


@pytest.mark.parametrize(
    ("script", "charge"),
    [
        (OrchestratorError(OrchestratorFault.UNAVAILABLE, "gone"), 0),
        (OrchestratorError(OrchestratorFault.TIMEOUT, "slow"), 100),
        (RuntimeError("broken"), 100),
        ([Usage(30, 0), OrchestratorError(OrchestratorFault.UNAVAILABLE, "gone")], 100),
        ([Usage(130, 0), RuntimeError("broken")], 130),
        ([Usage(30, 0), TextDelta("half of it")], 100),
        ([Usage(30, 0), Done()], 30),
    ],
)
async def test_what_a_turn_that_fails_costs(script: Any, charge: int) -> None:
    async with running_bot(tokens(1000), orchestrator=ScriptedOrchestrator(script)) as bot:
        await bot.ask("hello")
        assert await accounts(bot) == [("1", charge, 0)]


class Keeper:
    """A plugin behind the budget that withholds every turn."""

    @hookimpl
    def wrap_send(self) -> Layer:
        async def layer(send: Send, outgoing: Outgoing) -> Receipt:
            if outgoing.kind is SendKind.TYPING and not outgoing.final:
                raise Withheld("not now", "not now")
            return await send(outgoing)

        return layer


async def test_a_turn_that_another_plugin_withholds_costs_nothing() -> None:
    async with running_bot(tokens(1000), extra_plugins={"keeper": lambda _: Keeper()}) as bot:
        assert await bot.ask("hello") == ["not now"]
        assert await accounts(bot) == [("1", 0, 0)]


async def test_new_ends_a_running_turn_which_stays_charged_and_those_that_wait_cost_nothing() -> None:
    async with running_bot(turns(10)) as bot:
        bot.orchestrator.hold()
        await bot.say("one")
        await bot.orchestrator.asked()
        await bot.say("two")
        await bot.say("/new")
        await bot.settled()
        assert await accounts(bot) == [("1", 1, 0)]


async def test_a_revoked_users_waiting_turn_costs_nothing() -> None:
    async with running_bot(turns(10)) as bot:
        bot.orchestrator.hold()
        await bot.say("one")
        await bot.orchestrator.asked()
        await bot.say("two")
        await bot.runtime.access.revoke("telegram", "1")
        await bot.settled()
        assert await accounts(bot) == [("1", 1, 0)]


async def test_commands_cost_nothing_and_are_answered_at_the_end_of_a_budget() -> None:
    async with running_bot(turns(1)) as bot:
        await bot.ask("/status")
        await bot.ask("one")
        await bot.ask("two")
        assert (await bot.ask("/new"))[0]
        assert (await bot.ask("/status"))[0]
        assert await bot.ask("/agents_own command") == []
        assert asked(bot) == 1


async def test_strangers_spend_nothing_and_read_nothing_of_it() -> None:
    async with running_bot(turns(1, per="all")) as bot:
        (refused,) = await bot.ask("hello", "666")
        assert await accounts(bot) == [(None, 0, 0)]
        await bot.ask("one")
        assert await bot.ask("hello", "667") == [refused]
        assert "spend" not in refused


async def test_the_exempt_are_not_limited_and_not_counted() -> None:
    async with running_bot(turns(1, per="all", exempt={"telegram": [1]}), allowed=("1", "2")) as bot:
        for text in ("one", "two", "three"):
            assert await bot.ask(text) == [text]
        assert await accounts(bot) == [(None, 0, 0)]
        assert await bot.ask("mine", "2") == ["mine"]


async def test_many_at_once_never_get_more_than_there_is() -> None:
    people = [str(number) for number in range(1, 61)]
    async with running_bot(tokens(1050, per="all"), allowed=people) as bot:
        bot.orchestrator.hold()
        await asyncio.gather(*(bot.say("hello", one) for one in people))
        await bot.orchestrator.asked(10)
        bot.orchestrator.release()
        await bot.settled()
        assert asked(bot) == 10
        assert await accounts(bot) == [(None, 1000, 0)]


async def test_of_the_messages_that_wait_in_one_chat_those_that_fit_are_answered() -> None:
    async with running_bot(turns(3)) as bot:
        bot.orchestrator.hold()
        for number in range(8):
            await bot.say(f"m{number}")
        bot.orchestrator.release()
        await bot.settled()
        assert bot.texts() == ["m0", "m1", "m2", USED_UP.format("12 hours")]


async def test_the_warning_comes_once_behind_the_answer() -> None:
    async with running_bot(turns(5) | {"budget": {"budgets": [{**DAY, "turns": 5}]}}) as bot:
        for number in range(3):
            assert await bot.ask(f"m{number}") == [f"m{number}"]
        assert await bot.ask("m3") == ["m3", "You have used 80 % of what there is for you today."]
        assert await bot.ask("m4") == ["m4"]
        await bot.clock.leap(86400)
        assert await bot.ask("m5") == ["m5"]


async def test_the_owner_is_told_once_in_a_period() -> None:
    budgets = [{**DAY, "turns": 1}, {**ALL_DAY, "turns": 4}]
    settings: dict[str, Any] = {"budgets": budgets, "owner": {"platform": "telegram", "chat_id": 999}}
    async with running_bot({"budget": settings}, allowed=("1", "2", "3", "4", "5")) as bot:
        for one in ("1", "2", "3", "4"):
            await bot.ask("hello", one)
            await bot.ask("more", one)
        await bot.ask("hello", "5")
        await bot.settled()
        assert bot.texts("999") == [
            "The user 1 on telegram has used up a budget: 1 turn a day for each user. "
            "Should others do so, you are not told again this day.",
            "100 % of the budget of the whole bot is spent: 4 turns a day.",
            "The budget of the whole bot is used up: 4 turns a day. Nobody is answered until it begins anew.",
        ]


async def test_without_budgets_nothing_is_limited_and_the_log_says_so(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot({"budget": {"budgets": []}}) as bot:
        assert await bot.ask("hello") == ["hello"]
        assert (await bot.request("GET", "/api/budget")).json == {"timezone": "UTC", "currency": None, "budgets": []}
    assert "there are no budgets, so nothing is limited" in caplog.text


async def test_the_clock_may_be_set_back_and_forth() -> None:
    async with running_bot(turns(2)) as bot:
        await bot.ask("one")
        bot.clock.jump_wall(400 * 86400)
        assert await bot.ask("far ahead") == ["far ahead"]
        bot.clock.jump_wall(-400 * 86400)
        assert await bot.ask("two") == ["two"]
        assert await bot.ask("three") == [USED_UP.format("12 hours")]
        bot.clock.jump_wall(-20 * 365 * 86400)
        assert await bot.ask("long ago") == ["long ago"]
        bot.clock.jump_wall(20 * 365 * 86400)
        assert await bot.ask("back again") == []


async def test_a_turn_is_charged_to_the_day_on_which_it_began() -> None:
    async with running_bot(turns(1)) as bot:
        bot.orchestrator.hold()
        await bot.say("one")
        await bot.orchestrator.asked()
        bot.clock.jump_wall(86400)
        bot.orchestrator.release()
        await bot.settled()
        assert await accounts(bot) == []
        bot.clock.jump_wall(-86400)
        assert await accounts(bot) == [("1", 1, 0)]


async def test_a_restart_changes_nothing_and_says_nothing_twice(tmp_path: Path) -> None:
    async with running_bot(turns(1), home=tmp_path) as bot:
        await bot.ask("one")
        assert len(await bot.ask("two")) == 1
    async with running_bot(home=tmp_path) as bot:
        assert await bot.ask("three") == []
        assert await accounts(bot) == [("1", 1, 0)]


async def test_a_turn_that_the_stop_broke_off_is_one_turn_when_it_is_begun_again(tmp_path: Path) -> None:
    clock = FakeClock()
    both = {"budgets": [{**DAY, "turns": 2}, {**DAY, "tokens": 1000}], "reserve_tokens": 100, "warn_at": None}
    async with running_bot({"budget": both}, home=tmp_path, clock=clock) as bot:
        bot.orchestrator.hold()
        await bot.say("one")
        await bot.orchestrator.asked()
        await bot.runtime.intake.abort()
        assert await accounts(bot) == [("1", 1, 0)]
    async with running_bot(home=tmp_path, clock=clock) as bot:
        await bot.settled()
        assert bot.texts() == ["one"]
        assert await accounts(bot) == [("1", 1, 0)]
        assert await accounts(bot, 1) == [("1", 200, 0)]
        assert await bot.ask("two") == ["two"]
        assert len(await bot.ask("three")) == 1


async def test_a_database_that_fails_lets_no_turn_run() -> None:
    async with running_bot(turns(5)) as bot:
        async with bot.runtime.store.transaction() as transaction:
            await transaction.execute("ALTER TABLE budget_turns RENAME TO budget_gone")
        (told,) = await bot.ask("one")
        assert told.startswith("I cannot look up what I may still spend")
        async with bot.runtime.store.transaction() as transaction:
            await transaction.execute("ALTER TABLE budget_spent RENAME TO budget_gone_too")
        assert len(await bot.ask("two")) == 1
        assert asked(bot) == 0


async def test_members_of_a_group_are_each_told() -> None:
    async with running_bot(turns(1), allowed=("1", "2")) as bot:
        for one in ("1", "2"):
            await bot.say("hello", one, "-100", chat_type=ChatType.GROUP)
            await bot.say("more", one, "-100", chat_type=ChatType.GROUP)
            await bot.say("more", one, "-100", chat_type=ChatType.GROUP)
        await bot.settled()
        told: Sequence[str] = [text for text in bot.texts("-100") if text.startswith("You have")]
        assert len(told) == 2
