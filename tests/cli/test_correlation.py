"""The log says of each record which message, chat and session it is about, in each part of a journey, and never what was said."""

import asyncio
import io
import json
import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from parachute_core import Deny, Inbound, NotDelivered, Outgoing, Receipt, hookimpl, logs
from parachute_core.hooks.shapes import ConnectorInfo, Layer, Send
from parachute_core.model.redaction import Redactor
from parachute_core.testing import ScriptedOrchestrator, running_bot

Start = Callable[..., Any]

AGENT = """
import json, sys
question = json.load(sys.stdin)
if "fail" in question["text"]:
    sys.exit(3)
print(json.dumps({"type": "text", "delta": question["text"]}))
print(json.dumps({"type": "done"}))
"""


def test_a_question_and_what_became_of_it_share_a_turn(home: Path, tmp_path: Path, start: Start) -> None:
    agent = tmp_path / "agent.py"
    agent.write_text(AGENT)
    config = home / "bots.yaml"
    config.write_text(config.read_text().replace("use: echo", f"use: command\n  argv: [{sys.executable}, {agent}]"))
    bot = start(home, PARACHUTE_LOG_FORMAT="json", PARACHUTE_LOG_LEVEL="debug").wait_until_up()
    with bot.visitor() as owner:
        owner.say("xyzzy please")
        owner.read("xyzzy please")
        owner.say("xyzzy fail")
        owner.say("/status")
        while not failures(bot):
            assert bot.process.poll() is None
        (session,) = bot.request("GET", "/api/sessions", key=bot.key())[1]["sessions"]
    assert bot.end(signal.SIGTERM) == 0
    assert "xyzzy" not in bot.errors
    (failed,) = failures(bot)
    assert (failed["platform"], failed["chat_id"], failed["session_id"]) == ("web", session["chat_id"], session["id"])
    assert failed["message_id"]
    assert failed["turn"] >= 2
    started = [one for one in records(bot) if one["message"].startswith("connector is")]
    assert started
    assert not any("chat_id" in one or "turn" in one for one in started)  # nobody's message


def records(bot: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in bot.errors.splitlines(keepends=True) if line.endswith("\n")]


def failures(bot: Any) -> list[dict[str, Any]]:
    return [one for one in records(bot) if one["message"] == "the orchestrator failed"]


log = logging.getLogger("parachute_core.plugins.talker")


class Talker:
    """Says where it is, at each station."""

    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        log.info("gate")
        return None

    @hookimpl
    def wrap_send(self, connector: ConnectorInfo) -> Layer:
        async def layer(send: Send, outgoing: Outgoing) -> Receipt:
            if not outgoing.kind.cosmetic:
                log.info("layer %s", outgoing.text.split()[0])
            return await send(outgoing)

        return layer


@pytest.fixture
def stream() -> io.StringIO:
    """What is logged meanwhile, as JSON."""
    written = io.StringIO()
    logs.configure(written, form="json", level="info", redactor=Redactor())
    return written


def said(stream: io.StringIO, message: str) -> list[dict[str, object]]:
    return [one for one in map(json.loads, stream.getvalue().splitlines()) if one["message"] == message]


async def test_gates_layers_and_deliveries_say_what_they_are_about(stream: io.StringIO) -> None:
    async with running_bot(extra_plugins={"talker": lambda _: Talker()}) as bot:
        await bot.say("first one", message_id="m1")
        await bot.settled()
        await bot.say("second one", message_id="m2")
        await bot.settled()
        sessions = (await bot.request("GET", "/api/sessions")).json["sessions"]
    (session,) = [one["id"] for one in sessions]
    assert [(one["chat_id"], one["message_id"], "turn" in one) for one in said(stream, "gate")] == [("1", "m1", False), ("1", "m2", False)]
    (first,), (second,) = said(stream, "layer first"), said(stream, "layer second")
    assert [(one["platform"], one["chat_id"], one["turn"], one["session_id"]) for one in (first, second)] == [
        ("telegram", "1", 1, session),
        ("telegram", "1", 2, session),
    ]
    assert first["delivery"] != second["delivery"]


async def test_chats_that_are_worked_on_at_once_are_not_mixed_up(stream: io.StringIO) -> None:
    orchestrator = ScriptedOrchestrator()
    orchestrator.hold()
    async with running_bot(extra_plugins={"talker": lambda _: Talker()}, allowed=("1", "2"), orchestrator=orchestrator) as bot:
        await asyncio.gather(bot.say("one", "1"), bot.say("two", "2"))
        orchestrator.release()
        await bot.settled()
    assert {one["chat_id"] for one in said(stream, "layer one")} == {"1"}
    assert {one["chat_id"] for one in said(stream, "layer two")} == {"2"}


async def test_what_is_brought_out_later_is_about_its_own_message_and_not_the_one_that_woke_it(stream: io.StringIO) -> None:
    async with running_bot(["retry"], extra_plugins={"talker": lambda _: Talker()}) as bot:
        bot.connector.outcomes.append(NotDelivered("busy", retry_after=500.0))
        await bot.say("first one", message_id="m1")
        await bot.settled()
        await bot.clock.advance(499)
        await bot.say("/help", message_id="m2")
        await bot.clock.advance(1)
        await bot.settled()
    assert {one["turn"] for one in said(stream, "layer first")} == {1}
    assert not any("message_id" in one for one in said(stream, "layer first"))
