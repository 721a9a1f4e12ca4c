"""An answer while it is written: shown early, edited, formatted at the end, and never overwritten by trouble."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from parachute_core.connectors.telegram.connector import EDIT_INTERVAL
from parachute_core.engine import texts
from parachute_core.model.turn import Done, TextDelta, Turn, TurnEvent
from parachute_core.testing.bot import RunningBot
from parachute_core.testing.http import Fault
from parachute_core.testing.orchestrator import ScriptedOrchestrator
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.running import until
from tests.connectors.telegram.running import whole_bot

REFUSED = {"ok": False, "error_code": 400, "description": "Bad Request: CHAT_RESTRICTED"}
LONG = "\n\n".join(f"Paragraph {number}. {'word ' * 300}" for number in range(5))


class Writer:
    """Writes what a test tells it to, when it is told."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[TurnEvent] = asyncio.Queue()
        self.taken = 0
        """Events that the core is done with."""

    async def answer(self, turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        while True:
            event = await self._events.get()
            yield event
            self.taken += 1

    async def write(self, bot: RunningBot, text: str) -> None:
        """Add text; returns when the core has shown it, or chose not to yet."""
        done = self.taken + 1
        await bot.clock.advance(EDIT_INTERVAL)
        self._events.put_nowait(TextDelta(text))
        await until(lambda: self.taken == done)

    def end(self) -> None:
        self._events.put_nowait(Done())


async def test_it_is_shown_early_edited_and_formatted_at_the_end(api: FakeBotApi) -> None:
    writer = Writer()
    async with whole_bot(api, orchestrator=writer) as bot:
        question = api.say("tell me")
        await writer.write(bot, "It is")
        assert api.texts() == []
        await writer.write(bot, " **very")
        assert api.texts() == ["It is **very"], "what is not closed is shown as it is written"
        await writer.write(bot, " good**")
        assert api.texts() == ["It is very good"]
        writer.end()
        await bot.settled()

    (answer,) = [one for one in api.history["1"] if one["from"]["id"] == api.me["id"]]
    assert answer["text"] == "It is very good"
    assert answer["entities"] == [{"type": "bold", "offset": 6, "length": 9}]
    assert answer["reply_to_message"]["message_id"] == question["message_id"]
    assert len(api.calls("sendMessage")) == 1


async def test_edits_keep_to_the_pace_of_the_platform(api: FakeBotApi) -> None:
    writer = Writer()
    async with whole_bot(api, orchestrator=writer) as bot:
        api.say("tell me")
        await writer.write(bot, "a")
        for _ in range(20):
            done = writer.taken + 1
            writer._events.put_nowait(TextDelta("b"))
            await until(lambda: writer.taken == done)  # noqa: B023 - looked at in this round only
        assert api.calls("sendMessage") == []
        await writer.write(bot, "c")
        assert len(api.calls("sendMessage")) == 1
        writer.end()
        await bot.settled()

    assert api.texts() == ["a" + "b" * 20 + "c"]


async def test_an_edit_that_meets_flood_control_leaves_the_end_to_the_last_edit(api: FakeBotApi) -> None:
    writer = Writer()
    flood = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 3}}
    async with whole_bot(api, orchestrator=writer, plugins={"retry": {"enabled": False}}) as bot:
        api.say("tell me")
        await writer.write(bot, "a")
        await writer.write(bot, "b")
        api.server.faults.append(Fault("editMessageText", status=429, body=flood))
        await writer.write(bot, "c")
        assert api.texts() == ["ab"]
        writer.end()
        await bot.clock.sleeping(3.0)
        await bot.clock.advance(3.0)
        await bot.settled()

    assert api.texts() == ["abc"]


async def test_a_long_answer_goes_on_in_further_messages(api: FakeBotApi) -> None:
    writer = Writer()
    async with whole_bot(api, orchestrator=writer) as bot:
        api.say("tell me")
        for paragraph in LONG.split("\n\n"):
            await writer.write(bot, paragraph + "\n\n")
        assert len(api.texts()) == 1
        writer.end()
        await bot.settled()

    assert len(api.texts()) > 1
    assert "".join("".join(api.texts()).split()) == "".join(LONG.split())


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_later_part_that_fails_leaves_what_was_delivered(api: FakeBotApi, streamed: bool) -> None:
    writer = Writer()
    async with whole_bot(api, orchestrator=writer if streamed else ScriptedOrchestrator(LONG)) as bot:
        api.server.faults.append(Fault("sendMessage", skip=1, status=400, body=REFUSED))
        api.say("tell me")
        if streamed:
            for paragraph in LONG.split("\n\n"):
                await writer.write(bot, paragraph + "\n\n")
            writer.end()
        await api.until(lambda: texts.INCOMPLETE in api.texts())
        await bot.settled()
        assert {one.error for one in await bot.runtime.failures.recent(10)} == {"Rejected"}

    first, notice = api.texts()
    assert first.startswith("Paragraph 0.")
    assert notice == texts.INCOMPLETE
    edits = [one["text"] for one in api.calls("editMessageText")]
    assert all(one.startswith("Paragraph 0.") for one in edits)


async def test_an_agent_that_breaks_off_leaves_what_it_wrote(api: FakeBotApi) -> None:
    script: list[TurnEvent | Exception] = [TextDelta("Half of it"), RuntimeError("secret words")]
    async with whole_bot(api, orchestrator=ScriptedOrchestrator(script)) as bot:
        api.say("tell me")
        await api.until(lambda: len(api.texts()) == 2)
        await bot.settled()

    assert api.texts() == ["Half of it", texts.BROKEN_OFF]
