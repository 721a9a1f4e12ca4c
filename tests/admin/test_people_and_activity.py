"""Who is let in and when they were last seen, and how much is going on."""

import asyncio
from pathlib import Path

from parachute_core.testing import RunningBot, running_bot


async def people(bot: RunningBot, query: str = "") -> list[tuple[str, str | None, str | None]]:
    answer = await bot.request("GET", f"/api/people{query}")
    assert answer.status == 200
    return [(one["user_id"], one["name"], one["last_seen"]) for one in answer.json["people"]]


async def test_people_are_listed_the_last_seen_first_also_after_a_restart(tmp_path: Path) -> None:
    async with running_bot(home=tmp_path, allowed=("1", "2", "3")) as bot:
        assert await people(bot) == [("1", None, None), ("2", None, None), ("3", None, None)]
        await bot.say("hello", "3", name="\u202eGrace\u200b <b>")
        await bot.say("hello", "9", name="Nobody")
        await bot.clock.advance(90)
        await bot.say("hello", "2")
        await bot.clock.advance(5)
        await bot.say("hello", "3")
        now = bot.clock.now()
        earlier = now.replace(second=30).isoformat()
        assert await people(bot) == [("3", "Grace <b>", now.isoformat()), ("2", None, earlier), ("1", None, None)]
    async with running_bot(home=tmp_path) as bot:
        assert [one[:2] for one in await people(bot)] == [("3", "Grace <b>"), ("2", None), ("1", None)]
        answer = (await bot.request("GET", "/api/people?limit=1&offset=1")).json
        assert ([one["user_id"] for one in answer["people"]], answer["total"]) == (["2"], 3)
        assert [one[0] for one in await people(bot, "?q=GRACE")] == ["3"]
        assert await people(bot, "?platform=discord") == []
        assert (await bot.request("GET", "/api/people?platform=a&platform=b")).status == 422
        await bot.runtime.access.revoke("telegram", "3")
        assert [one[0] for one in await people(bot)] == ["2", "1"]
        async with asyncio.timeout(10):
            while await kept(bot) != {"2"}:  # nothing is kept of who is let in no more
                await bot.clock.advance(60)


async def kept(bot: RunningBot) -> set[str]:
    return {row["user_id"] for row in await bot.runtime.store.fetch_all("SELECT user_id FROM people")}


async def test_the_last_hour_is_counted_by_the_minute_and_never_more_than_that() -> None:
    async with running_bot() as bot:
        await bot.ask("hello", "1")
        await bot.ask("let me in", "9")
        await bot.clock.advance(60)
        await bot.ask("hello", "1")
        minutes = (await bot.request("GET", "/api/activity")).json["minutes"]
        assert len(minutes) == 60
        assert [(one["messages"], one["refused"]) for one in minutes[-3:]] == [(0, 0), (2, 1), (1, 0)]
        assert minutes[-1]["at"] <= bot.clock.now().timestamp() < minutes[-1]["at"] + 60
        await bot.clock.advance(3600)
        assert sum(one["messages"] for one in (await bot.request("GET", "/api/activity")).json["minutes"]) == 0
        for _ in range(200):
            bot.runtime.services.tally.recent.came(refused=True)
            await bot.clock.advance(60)
        assert len(bot.runtime.services.tally.recent._minutes) == 60
