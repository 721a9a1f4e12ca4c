"""Buttons: shown under a message, pressed by people, acknowledged; over a real socket."""

import dataclasses
import gc
import logging

import pytest

from parachute_core.model.message import ChatType
from parachute_core.model.outgoing import Button
from parachute_core.testing.http import Fault
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.running import until
from tests.connectors.telegram.running import connected, outgoing, whole_bot

LIST = "/api/bots/pairing"
NOTIFY = {"pairing": {"notify": {"platform": "telegram", "user_id": 1}}}
ROWS = ((Button("Yes", "/yes 1"), Button("No", "/no 1")), (Button("Later", "/later 1"),))


async def test_buttons_are_shown_in_their_rows_and_a_press_is_a_message(api: FakeBotApi) -> None:
    api.private("1")
    async with connected(api) as bot:
        await bot.connector.send(dataclasses.replace(outgoing("Shall I?"), buttons=ROWS))
        (message,) = api.history["1"]
        rows = message["reply_markup"]["inline_keyboard"]
        assert [[one["text"] for one in row] for row in rows] == [["Yes", "No"], ["Later"]]
        press = api.press("No", "1", name="Bea")
        await api.until(lambda: not api.presses)
        (found,) = bot.link.received
        assert (found.text, found.user_id, found.chat_id, found.button) == ("/no 1", "1", "1", True)
        assert (found.message_id, found.chat_type, found.user_name) == (f"callback-{press}", ChatType.DIRECT, "Bea")


async def test_a_press_that_cannot_be_acknowledged_counts_all_the_same(api: FakeBotApi) -> None:
    api.private("1")
    async with connected(api) as bot:
        await bot.connector.send(dataclasses.replace(outgoing("Shall I?"), buttons=ROWS))
        api.server.faults.append(Fault("/answerCallbackQuery$", status=400, body={"ok": False, "error_code": 400, "description": "x"}))
        api.press("Yes")
        api.press("Later")
        await until(lambda: len(bot.link.received) == 2)
        await api.until(lambda: len(api.calls("answerCallbackQuery")) == 2)


async def test_an_acknowledgement_that_gets_no_answer_holds_up_nobody(api: FakeBotApi) -> None:
    api.private("1")
    async with connected(api) as bot:
        await bot.connector.send(dataclasses.replace(outgoing("Shall I?"), buttons=ROWS))
        hanging = Fault("/answerCallbackQuery$", count=None, hang=True)
        api.server.faults.append(hanging)
        api.press("Yes")
        api.say("hello")
        await until(lambda: [one.text for one in bot.link.received] == ["/yes 1", "hello"], within=10.0)
        await until(lambda: hanging.met)


async def test_presses_that_mean_nothing_are_passed_over(api: FakeBotApi) -> None:
    async with connected(api) as bot:
        for query in ({"id": "1", "from": api.user("1"), "chat_instance": "1", "game_short_name": "x"}, {"id": "2"}, "nonsense"):
            api.push("callback_query", query)
        api.say("hello")
        await until(lambda: bot.link.received)
        assert [one.text for one in bot.link.received] == ["hello"]


async def test_what_a_button_says_is_answered_as_if_it_were_typed(api: FakeBotApi, caplog: pytest.LogCaptureFixture) -> None:
    async with whole_bot(api) as bot:
        api.say("hello")
        await api.until(lambda: api.texts() == ["hello"])
        query = {"id": "7", "from": api.user("1"), "chat_instance": "1", "message": api.history["1"][-1], "data": "tell me more"}
        api.push("callback_query", query)
        await api.until(lambda: api.texts() == ["hello", "tell me more"])
        await bot.settled()
    assert len(api.calls("setMessageReaction")) == 2  # on and off; a press is no message that could have one
    gc.collect()  # what broke in the background is told then
    assert [one.getMessage() for one in caplog.records if one.levelno >= logging.ERROR] == []


async def test_the_owner_lets_a_stranger_in_with_a_button(api: FakeBotApi) -> None:
    api.private("1")
    async with whole_bot(api, plugins=NOTIFY) as bot:
        api.say("let me in", "42", name="<b>Bea</b>")
        await api.until(lambda: "Approve 1" in api.buttons("1"))
        (notice,) = api.texts("1")
        assert notice == "1 new request:\n1. <b>Bea</b>, telegram 42: let me in"
        api.press("Approve 1", "1")
        await api.until(lambda: len(api.texts("1")) == 2 and len(api.texts("42")) == 2)
        assert api.texts("1")[-1] == "Approved: <b>Bea</b>, telegram 42, sandboxed."
        assert api.texts("42")[-1].startswith("Good news")
        api.press("Deny 1", "1")
        await api.until(lambda: len(api.texts("1")) == 3)
        assert "was decided meanwhile: it is approved" in api.texts("1")[-1]
        api.say("hello", "42")
        await api.until(lambda: api.texts("42")[-1] == "hello")
        assert not api.presses
        assert [one["who"] for one in (await bot.request("GET", "/api/audit?what=pairing_approved")).json["entries"]] == ["owner"]


async def test_in_a_group_the_buttons_are_the_owners_alone(api: FakeBotApi) -> None:
    api.group("-1001")
    notify = {"pairing": {"notify": {"platform": "telegram", "user_id": 1, "chat_id": -1001}}}
    async with whole_bot(api, allowed=("1", "2"), plugins=notify) as bot:
        api.say("let me in", "42")
        await api.until(lambda: "Approve 1" in api.buttons("-1001"))
        for user in ("2", "42", "99"):
            api.press("Approve 1", user, "-1001", name="Ann")
        await api.until(lambda: not api.presses)
        await bot.settled()
        assert (await bot.request("GET", f"{LIST}/count")).json["pending"] == 1
        assert bot.orchestrator.turns == []
        api.press("Approve 1", "1", "-1001")
        await api.until(lambda: len(api.texts("-1001")) == 2)
        assert (await bot.request("GET", f"{LIST}/count")).json["pending"] == 0


async def test_a_link_with_a_code_lets_a_stranger_in(api: FakeBotApi) -> None:
    async with whole_bot(api) as bot:
        code = (await bot.request("POST", f"{LIST}/invites")).json["code"]
        api.say(f"/start {code}", "42")
        await api.until(lambda: api.texts("42"))
        assert api.texts("42")[0].startswith("Welcome!")
        api.say("hello", "42")
        await api.until(lambda: api.texts("42")[-1] == "hello")
