"""Invitation codes: brought in through the connector, made and withdrawn through the admin API."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import yaml
from parachute_pairing import texts
from parachute_pairing.invitations.tries import ALLOWED

from parachute_core import ChatType
from parachute_core.testing import FakeClock, RunningBot, running_bot

LIST = "/api/bots/pairing"
INVITES = f"{LIST}/invites"
WRONG = "bcdf-ghjk-mnpq-rstv"
HOUR = 3600.0


async def invite(bot: RunningBot, **wishes: Any) -> tuple[str, str]:
    """A new invitation: its id and its code."""
    answer = await bot.request("POST", INVITES, wishes or None)
    assert answer.status == 200, answer.json
    return answer.json["invite"]["id"], answer.json["code"]


async def status_of(bot: RunningBot, invite_id: str) -> str:
    (found,) = [one["status"] for one in (await bot.request("GET", INVITES)).json["invites"] if one["id"] == invite_id]
    return str(found)


@pytest.mark.parametrize("form", ["{}", "/pair {}", "/start {}", "  {} ", "/pair@my_bot {}", "/pair\n{}", "/start\n{}"])
async def test_a_stranger_with_a_code_is_let_in(form: str) -> None:
    async with running_bot(["pairing"]) as bot:
        invite_id, code = await invite(bot, trust_level="direct")
        assert await bot.ask(form.format(code), "7") == [texts.WELCOME]
        assert await bot.ask("hi", "7") == ["hi"]
        assert yaml.safe_load((bot.home / "bots.yaml").read_text())["telegram"]["allowed_users"] == [1, 7]
        (request,) = (await bot.request("GET", f"{LIST}?status=all")).json["requests"]
        assert (request["status"], request["approvedTrustLevel"], request["resolvedBy"]) == ("approved", "direct", "invitation")
        (one,) = (await bot.request("GET", INVITES)).json["invites"]
        assert (one["status"], one["requestId"], one["usedAt"]) == ("used", request["id"], bot.clock.now().isoformat())
        entries = (await bot.request("GET", "/api/audit")).json["entries"]
        assert ("pairing", "pairing_approved", f"trust direct; by invitation {invite_id}") in [
            (entry["who"], entry["what"], entry["why"]) for entry in entries
        ]
        assert ("owner", "invite_made") in [(entry["who"], entry["what"]) for entry in entries]
        assert all(code not in str(entry) for entry in entries)


@pytest.mark.parametrize("change", [str.upper, lambda code: code.replace("-", "")])
async def test_a_code_that_was_typed_by_hand_is_recognised(change: Any) -> None:
    async with running_bot(["pairing"]) as bot:
        _, code = await invite(bot)
        assert await bot.ask(change(code), "7") == [texts.WELCOME]


@pytest.mark.parametrize("form", ["my code is {}", "{}.", "/pair: {}"])
async def test_a_code_in_the_midst_of_other_words_is_kept_nowhere(form: str) -> None:
    async with running_bot({"pairing": {"preview": 200}}) as bot:
        _, code = await invite(bot)
        await bot.ask(form.format(code), "7")
        (request,) = (await bot.request("GET", LIST)).json["requests"]
        assert "…" in request["preview"]
        assert code not in str((await bot.request("GET", LIST)).json)


async def cannot(bot: RunningBot, name: str, when: str) -> None:
    """The database takes no change of a request of this kind."""
    await bot.runtime.store.execute(
        f"CREATE TRIGGER {name} BEFORE UPDATE ON pairing_requests WHEN {when} BEGIN SELECT RAISE(ABORT, 'disk full'); END"
    )


async def test_a_code_lets_in_one_person_also_when_that_cannot_be_written_down() -> None:
    async with running_bot(["pairing"]) as bot:
        invite_id, code = await invite(bot)
        await cannot(bot, "applied", "NEW.applied = 1 AND OLD.applied = 0")
        await bot.ask(code, "7")
        await bot.runtime.store.execute("DROP TRIGGER applied")
        assert (await bot.ask("hi", "7"), await status_of(bot, invite_id)) == (["hi"], "used")
        assert texts.WELCOME not in await bot.ask(code, "8")
        assert not bot.runtime.access.is_allowed("telegram", "8")


async def test_a_code_that_was_used_in_vain_is_open_again_only_when_nobody_comes_in_by_it_later() -> None:
    async with running_bot(["pairing"]) as bot:
        invite_id, code = await invite(bot)
        whole = (bot.home / "bots.yaml").read_text()
        (bot.home / "bots.yaml").write_text("telegram: [\n")
        await cannot(bot, "back", "OLD.status = 'approved' AND NEW.status = 'pending'")
        await bot.ask(code, "7")
        assert await status_of(bot, invite_id) == "used"
        assert texts.WELCOME not in await bot.ask(code, "8")
        (bot.home / "bots.yaml").write_text(whole)
        await bot.runtime.store.execute("DROP TRIGGER back")
        async with asyncio.timeout(10):
            while not bot.runtime.access.is_allowed("telegram", "7"):
                await bot.clock.advance(HOUR)
                await asyncio.sleep(0.01)
        assert not bot.runtime.access.is_allowed("telegram", "8")
        assert await status_of(bot, invite_id) == "used"


async def test_a_code_is_good_once() -> None:
    async with running_bot(["pairing"]) as bot:
        _, code = await invite(bot)
        assert await bot.ask(code, "7") == [texts.WELCOME]
        assert await bot.ask(code, "8") == [texts.WRONG_CODE]
        assert not bot.runtime.access.is_allowed("telegram", "8")


async def test_a_code_expires_or_is_withdrawn() -> None:
    async with running_bot(["pairing"]) as bot:
        first, expiring = await invite(bot, expires_in=HOUR)
        second, withdrawn = await invite(bot)
        assert (await bot.request("DELETE", f"{INVITES}/{second}")).json["invite"]["status"] == "withdrawn"
        assert (await bot.request("DELETE", f"{INVITES}/{second}")).status == 409
        assert (await bot.request("DELETE", f"{INVITES}/nonsense")).status == 404
        await bot.clock.advance(HOUR)
        assert await bot.ask(expiring, "7") == [texts.WRONG_CODE]
        assert await bot.ask(withdrawn, "8") == [texts.WRONG_CODE]
        assert [await status_of(bot, one) for one in (first, second)] == ["expired", "withdrawn"]
        assert [one["what"] for one in (await bot.request("GET", "/api/audit?what=invite_withdrawn")).json["entries"]] == [
            "invite_withdrawn"
        ]


async def test_a_code_is_kept_as_a_hash_alone(tmp_path: Path) -> None:
    async with running_bot(["pairing"], home=tmp_path) as bot:
        _, code = await invite(bot)
        await bot.ask("/pair x" + code, "7")
        await bot.ask(code, "7")
        contents = await asyncio.to_thread(lambda: [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()])
    assert len(contents) >= 3
    for content in contents:
        assert code.encode() not in content
        assert code.replace("-", "").encode() not in content


async def test_five_wrong_codes_lead_to_a_pause_and_only_codes_are_concerned() -> None:
    async with running_bot(["pairing"]) as bot:
        _, code = await invite(bot)
        read = [await bot.ask(f"/pair {WRONG}{number}", "7") for number in range(ALLOWED)]
        assert read == [[texts.WRONG_CODE]] * 4 + [[texts.NO_MORE_TRIES]]
        assert await bot.ask(code, "7") == [], "not even a good one"
        assert (await bot.ask("please", "7"))[0].startswith("Hello!")
        assert await bot.ask(code, "8") == [texts.WELCOME], "others are not concerned"
        _, another = await invite(bot)
        await bot.clock.advance(HOUR)
        assert await bot.ask(another, "7") == [texts.WELCOME]
        assert (await bot.request("GET", LIST)).json == {"requests": []}, "the request is settled with it"


async def test_guessing_over_many_accounts_is_bounded_on_a_platform() -> None:
    async with running_bot({"pairing": {"guesses_per_hour": 20}}) as bot:
        _, code = await invite(bot)
        for number in range(30):
            await bot.ask(WRONG, str(100 + number))
        assert await bot.ask(code, "7") == [], "no code is looked at any more"
        await bot.clock.advance(HOUR)
        assert await bot.ask(code, "7") == [texts.WELCOME]


async def test_a_request_that_waits_is_approved_with_the_code() -> None:
    async with running_bot(["pairing"]) as bot:
        await bot.ask("hello", "7")
        (before,) = (await bot.request("GET", LIST)).json["requests"]
        _, code = await invite(bot)
        assert await bot.ask(code, "7") == [texts.WELCOME]
        (after,) = (await bot.request("GET", f"{LIST}?status=all")).json["requests"]
        assert (after["id"], after["status"]) == (before["id"], "approved")
        assert (await bot.request("POST", f"{LIST}/{before['id']}/deny")).status == 409


async def test_in_a_group_nobody_brings_a_code() -> None:
    async with running_bot(["pairing"]) as bot:
        invite_id, code = await invite(bot)
        await bot.say(code, "7", "-100", chat_type=ChatType.GROUP)
        await bot.settled()
        assert bot.texts("-100") == []
        assert await status_of(bot, invite_id) == "open"


async def test_a_blocked_person_cannot_use_a_code() -> None:
    async with running_bot(["pairing"]) as bot:
        invite_id, code = await invite(bot)
        await bot.request("POST", f"{LIST}/telegram/7/block")
        assert await bot.ask(code, "7") == []
        assert await status_of(bot, invite_id) == "open"


async def test_who_is_in_already_does_not_spend_a_code_and_the_agent_does_not_read_it() -> None:
    async with running_bot(["pairing"]) as bot:
        invite_id, code = await invite(bot)
        assert await bot.ask(f"/pair {code}", "1") == [texts.INSIDE]
        assert await status_of(bot, invite_id) == "open"
        assert bot.orchestrator.turns == []


async def test_a_code_survives_a_restart_and_a_list_that_cannot_be_written(tmp_path: Path) -> None:
    async with running_bot(["pairing"], home=tmp_path) as bot:
        invite_id, code = await invite(bot)
        config = tmp_path / "bots.yaml"
        good = config.read_text()
        config.write_text(good + "\nnonsense: {")
        assert await bot.ask(code, "7") == [texts.TRY_LATER]
        assert await status_of(bot, invite_id) == "open"
        config.write_text(good)
    async with running_bot(home=tmp_path) as bot:
        assert await bot.ask(code, "7") == [texts.WELCOME]


async def test_somebodys_start_parameter_is_no_code() -> None:
    async with running_bot(["pairing"]) as bot:
        assert (await bot.ask("/start from_the_website", "7"))[0].startswith("Hello!")


@pytest.mark.parametrize(
    "wishes",
    [{"expires_in": 59}, {"expires_in": 366 * 86_400}, {"expires_in": True}, {"expires_in": "1h"}, {"trust_level": "full"}, ["x"]],
)
async def test_invitations_that_make_no_sense_are_refused(wishes: Any) -> None:
    async with running_bot(["pairing"]) as bot:
        answer = await bot.request("POST", INVITES, wishes)
        assert (answer.status, answer.json["success"]) == (422, False)
        assert (await bot.request("GET", INVITES)).json == {"invites": []}


async def test_there_is_an_end_to_open_invitations() -> None:
    async with running_bot(["pairing"], clock=FakeClock()) as bot:
        answers = [(await bot.request("POST", INVITES)).status for _ in range(201)]
        assert answers == [200] * 200 + [409]
