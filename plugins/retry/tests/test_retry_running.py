"""Whatever the bot says goes through the loop: replies, edits, further parts, notices, pairing messages."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from parachute_core import (
    Ambiguous,
    Clock,
    Deny,
    Done,
    Inbound,
    NotDelivered,
    Orchestrator,
    Outgoing,
    PluginContext,
    Purpose,
    Receipt,
    Rejected,
    SendKind,
    TextDelta,
    Turn,
    TurnEvent,
    Withheld,
    hookimpl,
)
from parachute_core.testing import FakeClock, FakeConnector, RunningBot, running_bot

SECRET = "the words of the answer"
OURS = "parachute_core.plugins.retry"


def lost(count: int, retry_after: float | None = None) -> list[NotDelivered]:
    return [NotDelivered(f"429 for {SECRET}", retry_after) for _ in range(count)]


def tried(bot: RunningBot, purpose: Purpose | None = None) -> list[str]:
    """The text of every call that was tried, cosmetic ones left out."""
    return [one.text for one in bot.connector.attempts if not one.kind.cosmetic and purpose in (None, one.purpose)]


async def pass_waits(bot: RunningBot, waits: Sequence[float]) -> None:
    """Move time on exactly as the loop sleeps, having seen that it does nothing before."""
    for wait in waits:
        await bot.clock.sleeping(wait)
        before = tried(bot)
        await bot.clock.advance(wait - 0.001)
        assert tried(bot) == before
        await bot.clock.advance(0.001)
    await bot.settled()


async def let_time_pass(bot: RunningBot) -> None:
    """Move time on until nothing is being answered."""
    settled = asyncio.create_task(bot.settled())
    while not settled.done():
        await bot.clock.advance(0.25)
        await asyncio.sleep(0.001)  # the store works in a thread
    await settled


async def test_a_reply_arrives_after_waits_of_one_two_and_four_seconds() -> None:
    async with running_bot(["retry"]) as bot:
        bot.connector.outcomes.extend(lost(3))
        start = bot.clock.monotonic()
        await bot.say("hello")
        await pass_waits(bot, [1.0, 2.0, 4.0])
        assert bot.texts() == ["hello"]
        assert tried(bot) == ["hello"] * 4
        assert bot.clock.monotonic() - start == pytest.approx(7.0)
        assert await bot.runtime.failures.recent(10) == []


async def test_the_fourth_failure_is_told_once_recorded_and_raised(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with running_bot(["retry"]) as bot:
        bot.orchestrator.answers.append(SECRET)
        bot.connector.outcomes.extend(lost(4))
        await bot.say("hello")
        await pass_waits(bot, [1.0, 2.0, 4.0])
        assert tried(bot) == [SECRET] * 4
        assert bot.texts() == []
        (failure,) = await bot.runtime.failures.recent(10)
        assert (failure.platform, failure.chat_id, failure.kind, failure.error) == ("telegram", "1", "message", "NotDelivered")
        assert failure.state == "queued"
        await bot.clock.advance(15.0)
        await bot.settled()
        assert bot.texts() == [SECRET]
        assert await bot.runtime.failures.recent(10) == []
        assert all(parcel is None for _, _, parcel in _rows(bot))
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.name for record in errors] == [OURS]
    assert "chat 1 " in errors[0].getMessage()
    assert "NotDelivered" in errors[0].getMessage()
    retries = [record.getMessage() for record in caplog.records if record.name == OURS and record.levelno == logging.WARNING]
    assert [f"retry {number} of 3" in line for number, line in enumerate(retries, 1)] == [True] * 3
    assert SECRET not in "".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records if record.name == OURS)
    assert SECRET not in "".join(record.getMessage() for record in caplog.records)


def _rows(bot: RunningBot) -> list[Any]:
    connection = sqlite3.connect(bot.home / "parachute.db")
    try:
        return connection.execute("SELECT error, reason, parcel FROM outbox").fetchall()
    finally:
        connection.close()


async def test_the_chat_goes_on_after_a_reply_that_was_lost() -> None:
    async with running_bot({"retry": {"waits": []}}) as bot:
        bot.connector.outcomes.extend(lost(1, 100))
        assert await bot.ask("one") == []
        assert await bot.ask("two") == []
        await bot.clock.advance(100)
        await bot.settled()
        assert bot.texts() == ["one", "two"]


class Watched(FakeConnector):
    """Tells when it has taken something that is not cosmetic."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = asyncio.Event()

    async def send(self, outgoing: Outgoing) -> Receipt:
        receipt = await super().send(outgoing)
        if not outgoing.kind.cosmetic:
            self.taken.set()
        return receipt


async def test_other_chats_do_not_wait_for_a_retry() -> None:
    connector = Watched()
    async with running_bot(["retry"], allowed=("1", "2"), connector=connector) as bot:
        connector.outcomes.extend(lost(1))
        await bot.say("slow", "1")
        await bot.clock.sleeping(1.0)
        await bot.say("quick", "2")
        async with asyncio.timeout(5):
            await connector.taken.wait()
        assert (bot.texts("1"), bot.texts("2")) == ([], ["quick"])
        await pass_waits(bot, [1.0])
        assert bot.texts("1") == ["slow"]


@pytest.mark.parametrize(("asked", "slept"), [(30.0, 30.0), (0.25, 1.0)])
async def test_the_wait_that_the_platform_asks_for_is_kept_when_it_is_longer(asked: float, slept: float) -> None:
    async with running_bot(["retry"]) as bot:
        bot.connector.outcomes.extend(lost(1, asked))
        await bot.say("hello")
        await pass_waits(bot, [slept])
        assert bot.texts() == ["hello"]


async def test_a_wait_above_max_wait_is_not_slept_but_kept() -> None:
    async with running_bot({"retry": {"max_wait": 10}}) as bot:
        bot.connector.outcomes.extend(lost(1, 10.5))
        assert await bot.ask("hello") == []
        assert tried(bot) == ["hello"]
        assert len(await bot.runtime.failures.recent(10)) == 1
        await bot.clock.advance(14.9)
        assert tried(bot) == ["hello"]
        await bot.clock.advance(0.1)
        await bot.settled()
        assert bot.texts() == ["hello"]


async def test_what_is_permanent_is_tried_once() -> None:
    async with running_bot(["retry"]) as bot:
        bot.connector.outcomes.append(Rejected("403: the bot was blocked"))
        assert await bot.ask("hello") == []
        assert tried(bot) == ["hello"]
        assert [one.error for one in await bot.runtime.failures.recent(10)] == ["Rejected"]


@pytest.mark.parametrize("recognised", [False, True])
async def test_what_may_have_arrived_is_repeated_only_where_the_platform_recognises_it(recognised: bool) -> None:
    connector = FakeConnector(replace(FakeConnector().traits, idempotent_messages=recognised))
    async with running_bot(["retry"], connector=connector) as bot:
        bot.connector.outcomes.append(Ambiguous("no answer"))
        await bot.say("hello")
        await pass_waits(bot, [1.0])
        assert tried(bot) == ["hello", "hello" if recognised else "(sent again) hello"]
        keys = {one.key for one in bot.connector.attempts if not one.kind.cosmetic}
        assert len(keys) == (1 if recognised else 2)


async def test_the_further_parts_of_a_long_answer_are_repeated_and_the_first_is_not_sent_twice() -> None:
    async with running_bot(["retry"]) as bot:
        words = " ".join(f"word{number}" for number in range(1500))
        bot.orchestrator.answers.append(words)
        bot.connector.outcomes.extend([None, *lost(3)])
        await bot.say("much, please")
        await pass_waits(bot, [1.0, 2.0, 4.0])
        parts = bot.texts()
        assert len(parts) > 1
        assert " ".join(parts).split() == words.split()
        assert [one.part for one in bot.connector.attempts if not one.kind.cosmetic][:6] == [0, 1, 1, 1, 1, 2][: 4 + len(parts)]


class Typist:
    """Writes an answer word by word, five seconds each."""

    def __init__(self, clock: Clock, words: Sequence[str]) -> None:
        self._clock = clock
        self._words = words

    async def answer(self, turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        for word in self._words:
            yield TextDelta(word)
            await self._clock.sleep(5.0)
        yield Done()


async def test_edits_are_repeated_also_where_it_is_not_known_whether_they_arrived() -> None:
    clock = FakeClock()
    connector = FakeConnector(replace(FakeConnector().traits, edit_interval=2.0))
    typist: Orchestrator = Typist(clock, ["one ", "two ", "three"])
    async with running_bot(["retry"], clock=clock, connector=connector, orchestrator=typist) as bot:
        bot.connector.outcomes.extend([None, None, Ambiguous("no answer"), *lost(2)])
        await bot.say("count")
        await let_time_pass(bot)
        assert bot.texts() == ["one two three"]
        edits = [one for one in bot.connector.attempts if one.kind is SendKind.EDIT]
        assert len(edits) >= 4
        assert [wait for wait in bot.clock.sleeps if wait in (1.0, 2.0, 4.0)] == [1.0, 2.0, 4.0]


async def test_notices_are_repeated() -> None:
    async with running_bot(["retry"]) as bot:
        bot.connector.outcomes.extend(lost(3))
        await bot.say("/help")
        await pass_waits(bot, [1.0, 2.0, 4.0])
        assert len(tried(bot, Purpose.NOTICE)) == 4
        assert len(bot.texts()) == 1


class Porter:
    """Answers everybody at the door with a pairing message."""

    def __init__(self, context: PluginContext[Any]) -> None:
        self._context = context

    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        await self._context.notifier.send(message.chat, "Who are you?", Purpose.PAIRING)
        return Deny("a stranger")


async def test_pairing_messages_are_repeated() -> None:
    async with running_bot(["retry"], extra_plugins={"porter": Porter}) as bot:
        bot.connector.outcomes.extend(lost(3))
        saying = asyncio.create_task(bot.say("hello", "2"))
        await pass_waits(bot, [1.0, 2.0, 4.0])
        await saying
        assert tried(bot, Purpose.PAIRING) == ["Who are you?"] * 4
        assert bot.texts("2") == ["Who are you?"]


class Wall:
    """Lets nothing out."""

    def __init__(self, context: PluginContext[Any]) -> None:
        self.calls = 0

    @hookimpl
    def wrap_send(self) -> Any:
        async def layer(send: Any, outgoing: Any) -> Any:
            self.calls += not outgoing.kind.cosmetic
            if outgoing.purpose is Purpose.REPLY and not outgoing.kind.cosmetic:
                raise Withheld("nothing leaves")
            return await send(outgoing)

        return layer


async def test_what_another_plugin_withholds_is_not_repeated(caplog: pytest.LogCaptureFixture) -> None:
    walls: list[Wall] = []

    def make(context: PluginContext[Any]) -> Wall:
        walls.append(Wall(context))
        return walls[0]

    async with running_bot(["retry"], extra_plugins={"wall": make}) as bot:
        assert bot.runtime.hooks.order()["wrap_send"] == ("retry", "wall")
        assert await bot.ask("hello") == []
        assert walls[0].calls == 1
    assert not [record for record in caplog.records if record.name == OURS]


async def test_without_the_plugin_nothing_is_repeated() -> None:
    async with running_bot() as bot:
        bot.connector.outcomes.extend(lost(1))
        assert await bot.ask("hello") == []
        assert tried(bot) == ["hello"]
