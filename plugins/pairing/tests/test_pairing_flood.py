"""Strangers in numbers: what they can fill, and who gets in meanwhile."""

from typing import Any

from parachute_pairing import texts

from parachute_core import SendKind
from parachute_core.testing import FakeClock, RunningBot, running_bot

LIST = "/api/bots/pairing"


async def rows(bot: RunningBot) -> dict[str, int]:
    """How many rows each table of the database has."""
    store = bot.runtime.store
    names = [row["name"] for row in await store.fetch_all("SELECT name FROM sqlite_master WHERE type = 'table'", {})]
    counts = [await store.fetch_all(f"SELECT COUNT(*) AS rows FROM {name}", {}) for name in names]
    return {name: count[0]["rows"] for name, count in zip(names, counts, strict=True)}


async def test_ten_thousand_messages_of_a_thousand_accounts_fill_nothing() -> None:
    clock = FakeClock()
    settings = {"max_pending": 40, "max_per_hour": 1000, "notify": {"platform": "telegram", "user_id": 1, "interval": 300.0}}
    async with running_bot({"pairing": settings}, allowed=("1", "2"), clock=clock) as bot:
        code = (await bot.request("POST", f"{LIST}/invites")).json["code"]
        for number in range(10):
            for account in range(1000):
                await bot.say(f"buy {number}", str(10_000 + account), name="<b>\u202e" + "x" * 10_000)
            if number == 4:
                assert await bot.ask(code, "7") == [texts.WELCOME]
                assert await bot.ask("hi", "7") == ["hi"]
                assert await bot.ask("hi", "2") == ["hi"]
            await clock.advance(29)
        await bot.settled()
        count = (await bot.request("GET", f"{LIST}/count")).json
        assert count == {"pending": 40, "turned_away": 10_000 - 400}
        pending = (await bot.request("GET", LIST)).json["requests"]
        assert {one["platformUserId"] for one in pending} == {str(10_000 + account) for account in range(40)}, "who was first stays"
        assert all(len(one["platformUserDisplay"]) == 64 for one in pending)
        read = sum(len(bot.texts(str(10_000 + account))) for account in range(1000))
        assert read == 2 * 40 + 100, "a reply and a reminder for each request, and a hundred are told that there is no room"
        assert max((await rows(bot)).values()) <= 1000

        assert len(bot.texts("1")) == 1, "one notice within an interval"
        await clock.advance(10)
        await bot.connector.took(SendKind.MESSAGE, read + 5)
        first, second = bot.texts("1")
        assert [first.splitlines()[0], second.splitlines()[0]] == [
            "1 new request:",
            "39 new requests (40 wait in all; 9600 messages were turned away for want of room):",
        ]


async def test_a_platform_makes_only_so_many_requests_an_hour(tmp_path: Any) -> None:
    clock = FakeClock()
    async with running_bot({"pairing": {"max_per_hour": 3}}, home=tmp_path, clock=clock) as bot:
        for user in range(10, 13):
            assert (await bot.ask("hello", str(user)))[0].startswith("Hello!")
        for request in (await bot.request("GET", LIST)).json["requests"]:
            await bot.request("POST", f"{LIST}/{request['id']}/deny")
        assert await bot.ask("hello", "13") == [texts.FULL]
        code = (await bot.request("POST", f"{LIST}/invites")).json["code"]
        assert await bot.ask(code, "14") == [texts.WELCOME]
    async with running_bot(home=tmp_path, clock=clock) as bot:
        assert await bot.ask("hello", "15") == [texts.FULL], "a restart makes no room"
        await clock.advance(3601)
        assert (await bot.ask("hello", "15"))[0].startswith("Hello!")
        assert await bot.ask("hi", "14") == ["hi"]


async def test_a_flood_of_guesses_keeps_nobody_out_who_has_a_code() -> None:
    async with running_bot(["pairing"]) as bot:
        code = (await bot.request("POST", f"{LIST}/invites")).json["code"]
        for _ in range(7):
            for account in range(1000):
                await bot.say("bcdf-ghjk-mnpq-rstv", str(10_000 + account))
        assert await bot.ask(code, "7") == [texts.WELCOME]
        read = sum(len(bot.texts(str(10_000 + account))) for account in range(1000))
        assert read == 100, "a hundred wrong codes an hour are answered"
        assert (await bot.request("GET", f"{LIST}/count")).json == {"pending": 0, "turned_away": 0}
        assert max((await rows(bot)).values()) <= 1000
