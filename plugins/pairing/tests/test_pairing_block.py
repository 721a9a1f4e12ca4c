"""Who is blocked: every message comes in through the connector, every decision through the admin API."""

from pathlib import Path
from typing import Any

import yaml

from parachute_core import ChatType, TrustLevel
from parachute_core.testing import FakeClock, RunningBot, running_bot

LIST = "/api/bots/pairing"
DAY = 86_400.0


async def request_of(bot: RunningBot, user_id: str, name: str | None = None) -> str:
    await bot.say("hello", user_id, name=name)
    await bot.settled()
    (found,) = [one["id"] for one in (await bot.request("GET", LIST)).json["requests"] if one["platformUserId"] == user_id]
    return str(found)


async def history(bot: RunningBot) -> list[tuple[str, str]]:
    rows = (await bot.request("GET", f"{LIST}?status=all")).json["requests"]
    return [(one["platformUserId"], one["status"]) for one in rows]


async def on_record(bot: RunningBot, what: str) -> list[tuple[str, str | None]]:
    entries = (await bot.request("GET", f"/api/audit?what={what}")).json["entries"]
    return [(one["who"], one["user_id"]) for one in entries]


async def test_a_blocked_stranger_is_met_with_silence_for_good(tmp_path: Path) -> None:
    clock = FakeClock()
    async with running_bot(["pairing"], home=tmp_path, clock=clock) as bot:
        request_id = await request_of(bot, "7", "Mallory\u202e")
        read = bot.texts("7")
        blocked = await bot.request("POST", f"{LIST}/{request_id}/block")
        assert (blocked.status, blocked.json) == (
            200,
            {
                "success": True,
                "blocked": {
                    "platform": "telegram",
                    "platformUserId": "7",
                    "platformUserDisplay": "Mallory",
                    "blockedAt": clock.now().isoformat(),
                },
                "stopped": {"turns": 0, "replies": 0},
            },
        )
        for text in ("hello?", "/start", "/help", "/pair bcdf-ghjk-mnpq-rstv"):
            await bot.ask(text, "7")
        assert bot.texts("7") == read, "no word about it, nor about anything else"
        assert await history(bot) == [("7", "denied")]
        await clock.advance(30 * DAY)
        assert await bot.ask("now?", "7") == []
        assert await on_record(bot, "pairing_blocked") == [("owner", "7")]
    async with running_bot(home=tmp_path, clock=clock) as bot:
        assert await bot.ask("and now?", "7") == []
        assert await history(bot) == [("7", "denied")]
        assert [one["platformUserId"] for one in (await bot.request("GET", f"{LIST}/blocked")).json["blocked"]] == ["7"]

        gone = await bot.request("DELETE", f"{LIST}/blocked/telegram/7")
        assert (gone.status, gone.json) == (200, {"success": True, "platform": "telegram", "user_id": "7"})
        assert (await bot.request("GET", f"{LIST}/blocked")).json == {"blocked": []}
        assert (await bot.ask("thanks", "7"))[0].startswith("Hello!")
        assert await on_record(bot, "pairing_unblocked") == [("owner", "7")]


async def test_blocking_an_approved_user_revokes_and_stops_what_is_done_for_them() -> None:
    async with running_bot(["pairing"], allowed=("1", "7")) as bot:
        bot.orchestrator.hold()
        await bot.say("a long question", "7")
        await bot.orchestrator.asked()
        answer = await bot.request("POST", f"{LIST}/telegram/7/block")
        assert answer.json["stopped"] == {"turns": 1, "replies": 0}
        bot.orchestrator.release()
        await bot.settled()
        assert bot.texts("7") == []
        assert yaml.safe_load((bot.home / "bots.yaml").read_text())["telegram"]["allowed_users"] == [1]
        assert await bot.ask("hello?", "7") == []
        assert [await on_record(bot, what) for what in ("revoked", "pairing_revoked", "pairing_blocked")] == [[("owner", "7")]] * 3


async def test_a_block_stands_above_the_list_in_the_file() -> None:
    async with running_bot(["pairing"]) as bot:
        await bot.request("POST", f"{LIST}/telegram/7/block")
        await bot.runtime.access.allow("telegram", "7", TrustLevel.DIRECT)
        assert await bot.ask("hello", "7") == []
        await bot.say("hello", "7", "-100", chat_type=ChatType.GROUP)
        await bot.settled()
        assert bot.orchestrator.turns == []


async def test_an_approval_in_the_same_moment_does_not_undo_a_block() -> None:
    async with running_bot(["pairing"]) as bot:
        request_id = await request_of(bot, "7")
        await bot.request("POST", f"{LIST}/{request_id}/block")
        assert (await bot.request("POST", f"{LIST}/{request_id}/approve")).status == 409
        assert not bot.runtime.access.is_allowed("telegram", "7")


async def test_any_request_of_somebody_may_be_blocked_and_more_than_once() -> None:
    async with running_bot(["pairing"]) as bot:
        request_id = await request_of(bot, "7")
        await bot.request("POST", f"{LIST}/{request_id}/deny")
        answers = [await bot.request("POST", f"{LIST}/{request_id}/block") for _ in range(2)]
        assert [one.status for one in answers] == [200, 200]
        assert answers[0].json == answers[1].json
        assert await on_record(bot, "pairing_blocked") == [("owner", "7")]


async def test_what_cannot_be_blocked_is_told() -> None:
    async with running_bot(["pairing"]) as bot:
        wrong: dict[str, tuple[str, int]] = {
            f"{LIST}/nonsense/block": ("POST", 404),
            f"{LIST}/fax/7/block": ("POST", 400),
            f"{LIST}/telegram/{'7' * 513}/block": ("POST", 422),
            f"{LIST}/telegram/7%E2%80%AE8/block": ("POST", 422),
            f"{LIST}/blocked/telegram/7": ("DELETE", 404),
        }
        for path, (method, status) in wrong.items():
            answer: Any = await bot.request(method, path)
            assert (answer.status, answer.json["success"]) == (status, False), path
        assert (await bot.request("GET", f"{LIST}/blocked")).json == {"blocked": []}


async def test_ids_of_matrix_with_slashes_are_blocked_and_unblocked() -> None:
    async with running_bot(["pairing"], platform="matrix", allowed=()) as bot:
        assert (await bot.request("POST", f"{LIST}/matrix/@a/b:example.org/block")).status == 200
        assert await bot.ask("hello", "@a/b:example.org", "!room:example.org") == []
        assert (await bot.request("DELETE", f"{LIST}/blocked/matrix/@a%2Fb:example.org")).status == 200
