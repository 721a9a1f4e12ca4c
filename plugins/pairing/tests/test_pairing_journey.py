"""Strangers in a running bot: every message comes in through the connector, every decision through the admin API."""

import asyncio
from datetime import timedelta
from typing import Any

import yaml
from parachute_pairing import texts

from parachute_core import ChatType, Deny, Inbound, NotDelivered, hookimpl
from parachute_core.testing import FakeClock, RunningBot, running_bot

LIST = "/api/bots/pairing"
DAY = 86_400.0


async def pending(bot: RunningBot) -> list[dict[str, Any]]:
    answer = await bot.request("GET", LIST)
    assert answer.status == 200
    found: list[dict[str, Any]] = answer.json["requests"]
    return found


async def request_of(bot: RunningBot, user_id: str) -> str:
    """A stranger writes; returns the request's id."""
    await bot.ask("hello", user_id)
    (found,) = [one["id"] for one in await pending(bot) if one["platformUserId"] == user_id]
    return str(found)


def allowlist(bot: RunningBot) -> list[Any]:
    """What `bots.yaml` says now."""
    section: dict[str, list[Any]] = yaml.safe_load((bot.home / "bots.yaml").read_text())[bot.platform]
    return section["allowed_users"]


async def test_a_stranger_is_let_in_and_put_out_again(listener: Any) -> None:
    async with running_bot(["pairing"], extra_plugins={"listener": listener.make}) as bot:
        replies = await bot.ask("let me in", "7")
        request_id = (await pending(bot))[0]["id"]
        assert replies == [texts.REQUESTED.format(id=request_id)]
        assert await bot.ask("hello?", "7") == [texts.WAITING.format(id=request_id)]
        assert await bot.ask("hello??", "7") == []
        assert bot.orchestrator.turns == []

        answer = await bot.request("POST", f"{LIST}/{request_id}/approve", {"trust_level": "direct"})
        assert answer.status == 200
        assert answer.json["request"]["approvedTrustLevel"] == "direct"
        assert allowlist(bot) == [1, 7]
        await bot.clock.advance(0)
        await bot.settled()
        assert bot.texts("7")[-1] == texts.APPROVED
        assert await bot.ask("what is up", "7") == ["what is up"]
        assert bot.orchestrator.turns[-1].text == "what is up"

        gone = await bot.request("DELETE", f"{LIST}/telegram/7")
        assert (gone.status, gone.json) == (
            200,
            {"success": True, "platform": "telegram", "user_id": "7", "stopped": {"turns": 0, "replies": 0}},
        )
        assert allowlist(bot) == [1]
        assert len(bot.orchestrator.turns) == 1
        assert (await bot.ask("still there?", "7"))[0].startswith("Hello!")
        assert len(bot.orchestrator.turns) == 1
        assert listener.kinds == ["requested", "approved", "revoked", "requested"]
        assert await bot.ask("me too", "1") == ["me too"]


async def test_the_session_stays_when_its_user_is_revoked() -> None:
    async with running_bot(["pairing"]) as bot:
        request_id = await request_of(bot, "7")
        await bot.request("POST", f"{LIST}/{request_id}/approve")
        await bot.ask("hi", "7")
        before = await bot.request("GET", "/api/sessions")
        await bot.request("DELETE", f"{LIST}/telegram/7")
        after = await bot.request("GET", "/api/sessions")
        assert before.json == after.json
        assert [one["archived"] for one in after.json["sessions"]] == [False]


async def test_an_answer_in_the_making_is_stopped_when_its_user_is_revoked() -> None:
    async with running_bot(["pairing"], allowed=("1", "7")) as bot:
        bot.orchestrator.hold()
        await bot.say("a long question", "7")
        await bot.say("another that waits", "7")
        await bot.orchestrator.asked()
        answer = await bot.request("DELETE", f"{LIST}/telegram/7")
        assert answer.json["stopped"] == {"turns": 2, "replies": 0}
        bot.orchestrator.release()
        await bot.settled()
        assert bot.texts("7") == []
        assert len(bot.orchestrator.turns) == bot.orchestrator.closed == 1


async def test_an_answer_in_the_making_is_completed_when_the_owner_wants_that() -> None:
    async with running_bot({"pairing": {"in_flight": "finish"}}, allowed=("1", "7")) as bot:
        bot.orchestrator.hold()
        await bot.say("a long question", "7")
        await bot.orchestrator.asked()
        assert (await bot.request("DELETE", f"{LIST}/telegram/7")).status == 200
        bot.orchestrator.release()
        await bot.settled()
        assert bot.texts("7") == ["a long question"]
        assert (await bot.ask("another", "7"))[0].startswith("Hello!")


async def test_of_fifty_decisions_at_once_one_is_taken(listener: Any) -> None:
    async with running_bot(["pairing"], extra_plugins={"listener": listener.make}) as bot:
        request_id = await request_of(bot, "7")
        calls = [bot.request("POST", f"{LIST}/{request_id}/{'approve' if number % 2 else 'deny'}") for number in range(50)]
        answers = await asyncio.gather(*calls)
        assert sorted(answer.status for answer in answers) == [200] + [409] * 49
        assert all(answer.json["success"] is (answer.status == 200) for answer in answers)
        (winner,) = [number % 2 for number, answer in enumerate(answers) if answer.status == 200]
        (row,) = (await bot.request("GET", f"{LIST}?status=all")).json["requests"]
        assert row["status"] == ("approved" if winner else "denied")
        assert listener.kinds == ["requested", row["status"]]
        assert allowlist(bot) == ([1, 7] if winner else [1])
        assert (await bot.ask("and?", "7") == ["and?"]) is bool(winner)


async def test_deny_and_ask_again_any_number_of_times() -> None:
    async with running_bot(["pairing"]) as bot:
        for _ in range(3):
            assert (await bot.request("POST", f"{LIST}/{await request_of(bot, '7')}/deny")).status == 200
        for _ in range(3):
            assert (await bot.request("POST", f"{LIST}/{await request_of(bot, '7')}/approve")).status == 200
            assert (await bot.request("DELETE", f"{LIST}/telegram/7")).status == 200
        rows = (await bot.request("GET", f"{LIST}?status=all")).json["requests"]
        assert [row["status"] for row in rows] == ["approved"] * 3 + ["denied"] * 3
        assert len((await bot.request("GET", f"{LIST}?status=denied")).json["requests"]) == 3


async def test_a_denied_user_is_told_once() -> None:
    async with running_bot(["pairing"]) as bot:
        request_id = await request_of(bot, "7")
        await bot.request("POST", f"{LIST}/{request_id}/deny")
        await bot.request("POST", f"{LIST}/{request_id}/deny")
        await bot.clock.advance(0)
        await bot.settled()
        assert bot.texts("7").count(texts.DENIED.format(id=request_id)) == 1


async def test_five_first_messages_at_once_make_one_request() -> None:
    async with running_bot(["pairing"]) as bot:
        await asyncio.gather(*(bot.say(f"hello {number}", "7") for number in range(5)))
        await bot.settled()
        assert len(await pending(bot)) == 1
        assert len(bot.texts("7")) == 2


async def test_a_group_reads_nothing_about_pairing() -> None:
    async with running_bot(["pairing"]) as bot:
        await bot.say("@bot hello", "7", "-100", chat_type=ChatType.GROUP)
        await bot.say("chatter", "8", "-100", chat_type=ChatType.GROUP, addressed=False)
        await bot.settled()
        assert bot.texts("-100") == []
        assert await pending(bot) == []


async def test_a_strangers_help_is_a_request() -> None:
    async with running_bot(["pairing"]) as bot:
        for number, command in enumerate(("/start", "/help", "/status", "/new")):
            assert (await bot.ask(command, f"{70 + number}"))[0].startswith("Hello!")
        assert len(await pending(bot)) == 4


async def test_an_approval_does_not_wait_for_the_platform_and_survives_its_failure() -> None:
    async with running_bot(["pairing"]) as bot:
        request_id = await request_of(bot, "7")
        bot.connector.outcomes.append(NotDelivered("offline"))
        assert (await bot.request("POST", f"{LIST}/{request_id}/approve")).status == 200
        await bot.clock.advance(0)
        assert texts.APPROVED not in bot.texts("7")
        assert await bot.ask("hi", "7") == ["hi"]


async def test_requests_expire_by_the_sweep(listener: Any) -> None:
    async with running_bot({"pairing": {"sweep_interval": 600}}, extra_plugins={"listener": listener.make}) as bot:
        await request_of(bot, "7")
        await bot.clock.sleeping(600)
        bot.clock.jump_wall(7 * DAY + 1)
        assert listener.kinds == ["requested"]
        await bot.clock.advance(600)
        await listener.heard("expired")
        assert listener.kinds == ["requested", "expired"]


async def test_requests_expire_when_they_are_read(listener: Any) -> None:
    for path, field in ((LIST, "requests"), (f"{LIST}/count", "pending")):
        listener.events.clear()
        async with running_bot({"pairing": {"ttl_days": 2}}, extra_plugins={"listener": listener.make}) as bot:
            request_id = await request_of(bot, "7")
            bot.clock.jump_wall(2 * DAY)
            assert (await bot.request("GET", path)).json[field]
            bot.clock.jump_wall(0.001)
            assert not (await bot.request("GET", path)).json[field]
            assert listener.kinds == ["requested", "expired"]
            assert (await bot.request("POST", f"{LIST}/{request_id}/approve")).status == 409
            assert allowlist(bot) == [1]
            assert (await bot.ask("hello", "7"))[0].startswith("Hello!")


async def test_requests_expire_at_the_start(tmp_path: Any, listener: Any) -> None:
    clock = FakeClock()
    async with running_bot(["pairing"], home=tmp_path, clock=clock) as bot:
        await request_of(bot, "7")
        assert (await bot.ask("again", "7")) != []
    later = FakeClock(clock.now() + timedelta(days=7, seconds=1))
    async with running_bot(["pairing"], home=tmp_path, clock=later, extra_plugins={"listener": listener.make}) as bot:
        assert listener.kinds == ["expired"]
        assert (await bot.ask("hello", "7"))[0].startswith("Hello!")


async def test_who_waits_is_still_known_after_a_restart(tmp_path: Any) -> None:
    async with running_bot(["pairing"], home=tmp_path) as bot:
        request_id = await request_of(bot, "7")
        await bot.ask("again", "7")
    async with running_bot(["pairing"], home=tmp_path) as bot:
        assert [one["id"] for one in await pending(bot)] == [request_id]
        assert await bot.ask("and again", "7") == []


async def test_turned_away_strangers_are_counted_for_the_owner() -> None:
    async with running_bot({"pairing": {"max_pending": 2}}) as bot:
        for user_id in ("7", "8", "9", "9"):
            await bot.ask("hello", user_id)
        assert bot.texts("9") == [texts.FULL]
        assert (await bot.request("GET", f"{LIST}/count")).json == {"pending": 2, "turned_away": 2}


async def test_a_broken_database_lets_nobody_in() -> None:
    async with running_bot(["pairing"]) as bot:
        async with bot.runtime.store.plugin_store("pairing").transaction() as transaction:
            await transaction.execute("ALTER TABLE pairing_requests RENAME TO pairing_elsewhere")
        await bot.ask("hello", "7")
        assert bot.orchestrator.turns == []
        assert (await bot.request("GET", LIST)).status == 503
        assert await bot.ask("hello", "1") == ["hello"]


async def test_an_earlier_gate_keeps_its_strangers_out_of_the_list() -> None:
    class Wall:
        @hookimpl
        async def before_dispatch(self, message: Inbound) -> Deny | None:
            return Deny("wall") if message.user_id == "7" else None

    async with running_bot({"wall": {}, "pairing": {}}, extra_plugins={"wall": lambda _: Wall()}) as bot:
        await bot.ask("hello", "7")
        assert await pending(bot) == []
