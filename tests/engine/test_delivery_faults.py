"""What goes wrong at the worst moment loses nothing, doubles nothing without a label, and gets past no fence."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from parachute_core import Ambiguous, ConnectionLost, Done, NotDelivered, Notice, Outgoing, Receipt, Rejected, Send, TextDelta, hookimpl
from parachute_core.engine import texts
from parachute_core.model.message import ChatRef
from parachute_core.model.outgoing import SENT_AGAIN
from parachute_core.model.traits import Traits
from parachute_core.testing import FakeClock, FakeConnector, RunningBot, ScriptedOrchestrator, running_bot

RECOGNISES = Traits(max_length=4096, idempotent_messages=True, idempotent_seconds=100.0)


class Stubborn(FakeConnector):
    """A platform whose calls wait while `gate` is shut, and that raises whatever `surprises` holds first."""

    def __init__(self, traits: Traits | None = None) -> None:
        super().__init__(traits)
        self.gate = asyncio.Event()
        self.gate.set()
        self.under_way = asyncio.Event()
        self.surprises: list[Exception] = []

    async def send(self, outgoing: Outgoing) -> Receipt:
        if outgoing.kind.cosmetic:
            return await super().send(outgoing)
        self.under_way.set()
        await self.gate.wait()
        if self.surprises:
            self.attempts.append(outgoing)
            raise self.surprises.pop(0)
        return await super().send(outgoing)


async def refuse(bot: RunningBot, name: str, event: str, when: str = "1") -> None:
    """From now on the store refuses these writes, as it does when the disk is full."""
    async with bot.runtime.store.transaction() as transaction:
        await transaction.execute(f"CREATE TRIGGER {name} BEFORE {event} WHEN {when} BEGIN SELECT RAISE(ABORT, 'disk full'); END")


async def accept(bot: RunningBot, name: str) -> None:
    async with bot.runtime.store.transaction() as transaction:
        await transaction.execute(f"DROP TRIGGER {name}")


async def states(bot: RunningBot) -> list[str]:
    return [row["state"] for row in await bot.runtime.store.fetch_all("SELECT state FROM outbox ORDER BY id")]


async def settle(bot: RunningBot) -> None:
    """Let time pass, a second every few real milliseconds, until nothing is under way; longer waits are not waited for."""
    settled = asyncio.create_task(bot.settled())
    while not settled.done():
        await asyncio.wait({settled}, timeout=0.005)
        await bot.clock.advance(1.0)
    await settled


async def later(bot: RunningBot, seconds: float) -> None:
    """Nothing is under way, then so much time has passed, and nothing is under way again."""
    await settle(bot)
    await bot.clock.advance(seconds)
    await settle(bot)


def tried(bot: RunningBot) -> list[str]:
    return [one.text for one in bot.connector.attempts if not one.kind.cosmetic]


async def test_a_resend_that_may_have_doubled_is_made_however_often_it_was_tried_before() -> None:
    async with running_bot(["retry"]) as bot:
        bot.connector.outcomes.extend([*[NotDelivered("down")] * 4, Ambiguous("answer lost")])
        await bot.say("hello")
        await later(bot, 15)
        await later(bot, 60)
        assert bot.texts() == [SENT_AGAIN + "hello"]


async def test_a_revocation_between_the_label_and_its_call_is_heeded() -> None:
    async with running_bot(["retry"]) as bot:
        bot.connector.outcomes.append(Ambiguous("answer lost"))
        await refuse(bot, "labels", "UPDATE ON outbox", "NEW.resent = 1 AND NEW.state = 'sending'")
        await bot.say("hello")
        await bot.clock.sleeping(1.0)
        await bot.clock.advance(1.0)
        await bot.clock.sleeping(1.0)  # for the store, this time
        await bot.runtime.access.revoke("telegram", "1")
        await accept(bot, "labels")
        await settle(bot)
        assert tried(bot) == ["hello"]
        assert await states(bot) == ["discarded"]


async def test_what_was_discarded_is_not_brought_back_by_an_older_word_that_is_written_late() -> None:
    async with running_bot(["retry"]) as bot:
        bot.connector.outcomes.append(NotDelivered("wait", 1000.0))
        await bot.say("hello")
        await bot.settled()
        await refuse(bot, "sendings", "UPDATE ON outbox", "NEW.state = 'sending'")
        await bot.clock.advance(1000)
        await bot.clock.sleeping(1.0)
        await bot.runtime.access.revoke("telegram", "1")
        await accept(bot, "sendings")
        await settle(bot)
        assert await states(bot) == ["discarded"]
        assert tried(bot) == ["hello"]


@pytest.mark.parametrize("error", [NotDelivered("wait", 1000.0), Rejected("no")])
async def test_a_call_that_fails_after_its_user_was_revoked_changes_nothing(error: Exception) -> None:
    connector = Stubborn(Traits(max_length=30))
    async with running_bot(["retry"], connector=connector) as bot:
        await bot.ask("a first part\n\nand here comes the other")
        count = len(bot.texts())
        assert count > 1
        connector.gate.clear()
        connector.under_way.clear()
        connector.surprises.append(error)
        await bot.say("a question")
        await connector.under_way.wait()
        await bot.runtime.access.revoke("telegram", "1")
        connector.gate.set()
        await later(bot, 2000)
        assert len(bot.texts()) == count
        assert (await states(bot))[count:] == ["discarded"]


async def test_a_platform_that_is_started_again_before_an_arrival_is_written_gets_nothing_twice() -> None:
    async with running_bot(["retry"]) as bot:
        await refuse(bot, "arrivals", "UPDATE ON outbox", "NEW.state = 'sent'")
        await bot.say("hello")
        await bot.clock.sleeping(1.0)
        await bot.runtime.fleet.stop("telegram")
        await bot.runtime.fleet.start("telegram")
        await bot.clock.advance(0)
        await accept(bot, "arrivals")
        await settle(bot)
        assert tried(bot) == ["hello"]
        assert await states(bot) == ["sent"]


async def test_what_moves_into_a_chat_that_is_being_served_costs_neither() -> None:
    connector = Stubborn()
    async with running_bot(["retry"], allowed=("1", "2"), connector=connector) as bot:
        bot.connector.outcomes.append(NotDelivered("wait", 1000.0))
        await bot.say("old", user_id="1")
        await bot.settled()
        connector.gate.clear()
        connector.under_way.clear()
        await bot.say("new", user_id="2")
        await connector.under_way.wait()
        await connector.link.moved("1", "2")
        connector.gate.set()
        await bot.settled()
        assert bot.texts("2") == ["new", "old"]
        assert tried(bot) == ["old", "new", "old"]
        assert await states(bot) == ["sent", "sent"]


async def test_a_connector_that_leaves_while_its_message_is_kept_costs_no_answer() -> None:
    async with running_bot() as bot:
        for turns in range(40):
            saying = asyncio.create_task(bot.say(f"question {turns}", message_id=f"m{turns}"))
            for _ in range(turns):
                await asyncio.sleep(0)
            saying.cancel()
            await asyncio.gather(saying, return_exceptions=True)
            await bot.say(f"question {turns}", message_id=f"m{turns}")
            await bot.settled()
            assert bot.texts().count(f"question {turns}") == 1


async def test_of_two_deliveries_at_once_none_is_taken_when_it_cannot_be_kept() -> None:
    async with running_bot() as bot:
        await refuse(bot, "messages", "INSERT ON inbox")
        both = await asyncio.gather(*(bot.say("hello", message_id="m1") for _ in range(2)), return_exceptions=True)
        assert [type(one) for one in both] == [ConnectionLost, ConnectionLost]
        await accept(bot, "messages")
        await asyncio.gather(*(bot.say("hello", message_id="m1") for _ in range(2)))
        await bot.settled()
        assert bot.texts() == ["hello"]


async def test_a_message_is_recognised_also_when_too_much_waits_to_say_anything() -> None:
    async with running_bot() as bot:
        bot.runtime.deliveries.close("telegram")
        for number in range(102):
            await bot.say("/help", message_id=f"m{number}")
        bot.runtime.deliveries.open("telegram")
        await bot.settled()
        assert len(bot.texts()) == 100
        await bot.say("/help", message_id="m101")
        await bot.settled()
        assert len(bot.texts()) == 100


async def test_an_answer_that_arrived_is_not_followed_by_a_failure_of_the_books() -> None:
    async with running_bot() as bot:
        await bot.ask("hello")
        await bot.clock.advance(120)
        await refuse(bot, "books", "UPDATE ON sessions")
        assert await bot.ask("again") == ["again"]


class Clumsy:
    """A layer that fails once, before anything is sent or after."""

    def __init__(self, *, after: bool) -> None:
        self.after = after
        self.failed = False

    @hookimpl
    def wrap_send(self) -> object:
        async def layer(send: Send, outgoing: Outgoing) -> Receipt:
            if outgoing.kind.cosmetic or self.failed:
                return await send(outgoing)
            self.failed = True
            if self.after:
                await send(outgoing)
            raise ZeroDivisionError

        return layer


@pytest.mark.parametrize(("after", "read"), [(False, [SENT_AGAIN + "hello"]), (True, ["hello", SENT_AGAIN + "hello"])])
async def test_a_layer_that_fails_doubles_nothing_without_a_label(after: bool, read: list[str]) -> None:
    async with running_bot(["retry"], extra_plugins={"clumsy": lambda _context: Clumsy(after=after)}) as bot:
        await bot.say("hello")
        await later(bot, 30)
        assert bot.texts() == read


async def test_a_bug_of_a_connector_is_an_unknown_outcome_also_after_a_long_wait() -> None:
    connector = Stubborn()
    async with running_bot(["retry"], connector=connector) as bot:
        connector.surprises += [ZeroDivisionError(), NotDelivered("wait", 1000.0)]
        await bot.say("hello")
        await later(bot, 1000)
        assert tried(bot) == ["hello", SENT_AGAIN + "hello", SENT_AGAIN + "hello"]


async def test_a_platform_recognises_a_repetition_from_its_first_try_and_not_from_its_last() -> None:
    async with running_bot(["retry"], connector=FakeConnector(RECOGNISES)) as bot:
        bot.connector.outcomes.extend([Ambiguous("lost"), NotDelivered("wait", 70.0), NotDelivered("wait", 70.0)])
        await bot.say("hello")
        await bot.clock.sleeping(1.0)
        await bot.clock.advance(1.0)
        for _ in range(2):
            await bot.settled()
            await bot.clock.advance(70.0)
        await bot.settled()
        assert tried(bot) == ["hello", "hello", "hello", SENT_AGAIN + "hello"]


async def test_a_turn_that_is_stopped_while_its_answer_cannot_be_kept_ends_quietly(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot(["pairing"], allowed=("1", "2")) as bot:
        await bot.ask("open a session")
        await refuse(bot, "answers", "INSERT ON outbox")
        await bot.say("hello")
        await bot.clock.sleeping(1.0)
        await bot.runtime.access.revoke("telegram", "1")
        await accept(bot, "answers")
        await bot.settled()
        assert await bot.ask("and I?", "2") == ["and I?"]
        assert bot.texts() == ["open a session"]
    assert "a job of a chat failed" not in caplog.text


async def test_an_empty_remark_does_not_cost_the_answer() -> None:
    async with running_bot(orchestrator=ScriptedOrchestrator([Notice("  "), TextDelta("hello"), Done()])) as bot:
        assert await bot.ask("hi") == ["hello"]


async def test_a_refusal_that_could_not_be_kept_is_said_when_the_message_comes_again() -> None:
    async with running_bot() as bot:
        await refuse(bot, "refusals", "INSERT ON outbox")
        with pytest.raises(ConnectionLost):
            await bot.say("hello", "666", message_id="m1")
        await accept(bot, "refusals")
        await bot.say("hello", "666", message_id="m1")
        await bot.settled()
        assert bot.texts("666") == [texts.NOT_ALLOWED]


async def test_what_comes_after_a_wait_whose_parcel_is_gone_is_not_said_to_be_under_way() -> None:
    async with running_bot(["retry", "sessionguard"]) as bot:
        bot.connector.outcomes.append(NotDelivered("wait", 1000.0))
        await bot.say("hello")
        await bot.settled()
        session = await bot.runtime.sessions.current(ChatRef("telegram", "1"))
        assert session is not None
        bot.connector.outcomes.clear()
        await bot.runtime.fences.archive(session.id)
        await bot.settled()
        assert "sending" not in await states(bot)
        assert bot.texts()[-1].startswith("Your session has ended")


class Slow:
    """An agent that says its answer word by word, a second apart."""

    def __init__(self, clock: FakeClock, *words: str) -> None:
        self.clock = clock
        self.words = words

    async def answer(self, turn: Any) -> AsyncGenerator[Any, None]:
        for word in self.words:
            yield TextDelta(word)
            await self.clock.sleep(1.0)
        yield Done()


async def test_an_answer_whose_growing_cannot_be_kept_arrives_whole() -> None:
    clock = FakeClock()
    connector = FakeConnector(Traits(max_length=4096, edit_interval=0.5))
    async with running_bot(clock=clock, connector=connector, orchestrator=Slow(clock, "one ", "two ", "three")) as bot:
        await refuse(bot, "growing", "INSERT ON outbox")
        await bot.say("count")
        await bot.clock.sleeping(1.0)
        await clock.advance(2.5)
        await accept(bot, "growing")
        await settle(bot)
        assert bot.texts() == ["one two three"]


GROWING = Traits(max_length=4096, edit_interval=0.5)


@pytest.mark.parametrize(
    ("outcomes", "read"),
    [
        ([Ambiguous("lost")], [SENT_AGAIN + "one two three"]),
        ([Ambiguous("lost"), Ambiguous("lost")], [SENT_AGAIN + "one two three"]),
        ([Rejected("no")], ["one two three"]),
    ],
)
async def test_an_answer_whose_beginning_may_be_there_keeps_its_label_to_the_end(outcomes: list[Any], read: list[str]) -> None:
    clock, connector = FakeClock(), FakeConnector(GROWING)
    connector.outcomes.extend(outcomes)
    async with running_bot(["retry"], clock=clock, connector=connector, orchestrator=Slow(clock, "one ", "two ", "three")) as bot:
        await bot.say("count")
        await settle(bot)
        assert bot.texts() == read


async def test_an_answer_that_was_growing_at_the_stop_is_labelled_where_its_beginning_may_be_there(tmp_path: Path) -> None:
    clock, connector = FakeClock(), Stubborn(GROWING)
    async with running_bot(["retry"], home=tmp_path, clock=clock, connector=connector, orchestrator=Slow(clock, "one ", "two ")) as bot:
        connector.gate.clear()
        await bot.say("count")
        await bot.clock.sleeping(1.0)
        await clock.advance(1.0)
        await connector.under_way.wait()
    clock, connector = FakeClock(), Stubborn(GROWING)
    async with running_bot(["retry"], home=tmp_path, clock=clock, connector=connector, orchestrator=Slow(clock, "one ", "two ")) as bot:
        await settle(bot)
        assert SENT_AGAIN + "one two" in [one.strip() for one in bot.texts()]
        assert "one two" not in [one.strip() for one in bot.texts()]
