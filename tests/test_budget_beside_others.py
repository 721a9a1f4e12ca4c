"""The budget among the other plugins."""

from parachute_core.testing import running_bot

BUDGET = {"budgets": [{"per": "all", "period": "day", "turns": 2}], "warn_at": None}


async def test_a_stranger_asks_to_be_let_in_also_at_the_end_of_the_budget() -> None:
    async with running_bot({"ratelimit": {}, "pairing": {}, "budget": BUDGET, "sessionguard": {}}) as bot:
        for text in ("one", "two"):
            assert await bot.ask(text) == [text]
        assert (await bot.ask("three"))[0].startswith("I have used up what I may spend")
        (told,) = await bot.ask("hello", "666")
        (request,) = (await bot.request("GET", "/api/bots/pairing")).json["requests"]
        assert request["id"] in told
        assert (await bot.request("GET", "/api/budget")).json["budgets"][0]["accounts"] == [
            {"platform": None, "id": None, "spent": 2, "reserved": 0}
        ]


async def test_a_turn_that_waits_for_room_holds_nothing_until_it_begins() -> None:
    turns = {"max_turns": {"overall": 1, "when_full": "queue"}}
    async with running_bot({"ratelimit": turns, "budget": BUDGET}, allowed=("1", "2", "3")) as bot:
        bot.orchestrator.hold()
        for one in ("1", "2", "3"):
            await bot.say("hello", one)
        await bot.orchestrator.asked(1)
        (budget,) = (await bot.request("GET", "/api/budget")).json["budgets"]
        assert budget["accounts"][0]["reserved"] == 1
        bot.orchestrator.release()
        await bot.settled()
        assert [bot.texts(one) for one in ("1", "2")] == [["hello"], ["hello"]]
        assert bot.texts("3")[0].startswith("I have used up what I may spend")


async def test_a_session_that_has_ended_costs_nothing() -> None:
    async with running_bot({"budget": BUDGET, "sessionguard": {}}) as bot:
        await bot.ask("one")
        (session,) = (await bot.request("GET", "/api/sessions")).json["sessions"]
        bot.orchestrator.hold()
        await bot.say("two")
        await bot.orchestrator.asked(2)
        await bot.request("POST", f"/api/sessions/{session['id']}/archive")
        await bot.settled()
        await bot.ask("three")
        (budget,) = (await bot.request("GET", "/api/budget")).json["budgets"]
        assert budget["accounts"][0]["spent"] == 2, "the turn that ran was asked, the one after it was not"
        assert len(bot.orchestrator.turns) == 2
