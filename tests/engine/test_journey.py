"""A message's way through the core, with no plugin in it: every test enters through a connector."""

import asyncio
import gc
import logging
from collections.abc import AsyncGenerator

import pytest

from parachute_core import (
    ChatType,
    ConnectionLost,
    Deny,
    Done,
    Inbound,
    NotDelivered,
    Notice,
    OrchestratorError,
    OrchestratorFault,
    Outgoing,
    PluginContext,
    Receipt,
    Rejected,
    Send,
    SendKind,
    TextDelta,
    Turn,
    TurnEvent,
    hookimpl,
)
from parachute_core.engine import texts
from parachute_core.lanes import Lane
from parachute_core.model.traits import Traits
from parachute_core.testing import FakeConnector, RunningBot, ScriptedOrchestrator, running_bot


async def test_an_allowed_user_is_answered() -> None:
    async with running_bot() as bot:
        assert await bot.ask("hello") == ["hello"]
        [turn] = bot.orchestrator.turns
        assert turn.trust_level == "sandboxed"


async def test_a_stranger_is_refused_once_and_never_reaches_the_orchestrator() -> None:
    async with running_bot() as bot:
        assert await bot.ask("hello", user_id="666") == [texts.NOT_ALLOWED]
        assert await bot.ask("hello?", user_id="666") == []
        assert await bot.ask("/help", user_id="666") == []
        assert bot.orchestrator.turns == []


async def test_a_stranger_in_an_allowed_users_group_is_refused() -> None:
    async with running_bot() as bot:
        await bot.say("hi", user_id="1", chat_id="g", chat_type=ChatType.GROUP)
        await bot.say("hi", user_id="666", chat_id="g", chat_type=ChatType.GROUP)
        await bot.settled()
        assert len(bot.orchestrator.turns) == 1


async def test_group_chatter_that_is_not_addressed_to_the_bot_meets_no_gate() -> None:
    seen: list[Inbound] = []

    class Gate:
        @hookimpl
        async def before_dispatch(self, message: Inbound) -> None:
            seen.append(message)

    async with running_bot(extra_plugins={"gate": lambda _context: Gate()}) as bot:
        await bot.say("just chatting", chat_id="g", chat_type=ChatType.GROUP, addressed=False)
        await bot.settled()
        assert (seen, bot.connector.sent) == ([], [])


@pytest.mark.parametrize("text", ["", "   ", "\n"])
async def test_empty_messages_make_no_turn(text: str) -> None:
    async with running_bot() as bot:
        assert await bot.ask(text) == []
        assert bot.orchestrator.turns == []


async def test_messages_of_one_chat_are_answered_in_order_and_chats_do_not_wait() -> None:
    async with running_bot(allowed=("1", "2")) as bot:
        bot.orchestrator.hold()
        for number in range(5):
            await bot.say(f"one {number}", user_id="1")
        await bot.orchestrator.asked(1)
        await bot.say("two", user_id="2")
        await bot.orchestrator.asked(2)
        assert [turn.text for turn in bot.orchestrator.turns] == ["one 0", "two"]
        bot.orchestrator.release()
        await bot.settled()
        assert bot.texts("1") == [f"one {number}" for number in range(5)]
        assert bot.texts("2") == ["two"]


async def test_many_chats_at_once_each_in_order() -> None:
    users = [str(number) for number in range(1, 101)]
    async with running_bot(allowed=users) as bot:
        for number in range(5):
            await asyncio.gather(*(bot.say(str(number), user_id=user) for user in users))
        await bot.settled()
        assert all(bot.texts(user) == list("01234") for user in users)


async def test_a_chat_that_floods_a_busy_bot_is_told_and_nothing_grows() -> None:
    async with running_bot() as bot:
        bot.orchestrator.hold()
        for number in range(60):
            await bot.say(str(number))
        await asyncio.sleep(0)
        bot.orchestrator.release()
        await bot.settled()
        assert texts.TOO_MANY_WAITING in bot.texts()
        assert 32 <= len(bot.orchestrator.turns) <= 34


async def test_help_and_status_do_not_wait_for_a_running_answer() -> None:
    async with running_bot() as bot:
        bot.orchestrator.hold()
        await bot.say("think hard")
        await bot.orchestrator.asked()
        await bot.say("/help")
        await bot.say("/status")
        await bot.runtime.deliveries.idle()
        assert bot.texts()[0] == texts.HELP
        assert "answering you" in bot.texts()[1]
        bot.orchestrator.release()


async def test_new_opens_a_fresh_session_and_ends_what_is_being_answered() -> None:
    async with running_bot() as bot:
        bot.orchestrator.hold()
        await bot.say("think hard")
        await bot.orchestrator.asked()
        assert await bot.ask("/new") == [texts.NEW_SESSION]
        bot.orchestrator.release()
        assert await bot.ask("and now?") == ["and now?"]
        first, second = bot.orchestrator.turns
        assert first.session_id != second.session_id
        assert second.history == ()
        assert "think hard" not in bot.texts()
        old = await bot.runtime.sessions.get(first.session_id)
        assert old is not None
        assert old.archived


async def test_the_session_remembers_what_was_said() -> None:
    async with running_bot() as bot:
        await bot.ask("one")
        await bot.ask("two")
        assert [(entry.role, entry.text) for entry in bot.orchestrator.turns[1].history] == [("user", "one"), ("assistant", "one")]


async def test_typing_and_ack_are_shown_and_taken_back() -> None:
    async with running_bot() as bot:
        await bot.ask("hello")
        cosmetic = [(one.kind, one.final) for one in bot.connector.sent if one.kind.cosmetic]
        assert cosmetic == [(SendKind.TYPING, False), (SendKind.ACK, True), (SendKind.TYPING, True)]


@pytest.mark.parametrize("kind", list(OrchestratorFault))
async def test_each_failure_of_the_agent_is_one_plain_sentence(kind: OrchestratorFault) -> None:
    async with running_bot(orchestrator=ScriptedOrchestrator(OrchestratorError(kind, "secret detail"))) as bot:
        assert await bot.ask("hello") == [texts.TROUBLE[kind]]
        assert await bot.ask("still there?") == ["still there?"]


@pytest.mark.parametrize(
    ("script", "read"),
    [
        ([TextDelta("half "), OrchestratorError(OrchestratorFault.UNAVAILABLE, "x")], ["half ", texts.BROKEN_OFF]),
        ([TextDelta("no end")], ["no end", texts.BROKEN_OFF]),
        ([Done()], [texts.NO_ANSWER]),
        ([], [texts.TROUBLE[OrchestratorFault.PROTOCOL]]),
        ([Notice("careful"), TextDelta("text"), Done()], ["careful", "text"]),
        ([TextDelta("a"), Notice("careful"), TextDelta("b"), Done()], ["careful", "ab"]),
        (RuntimeError("bug with content"), [texts.TROUBLE[OrchestratorFault.INTERNAL]]),
    ],
)
async def test_whatever_the_agent_does_the_user_reads_something(script: list[object], read: list[str]) -> None:
    orchestrator = ScriptedOrchestrator(script)  # type: ignore[arg-type]
    async with running_bot(orchestrator=orchestrator) as bot:
        assert [text.rstrip() for text in await bot.ask("hello")] == [text.rstrip() for text in read]


async def test_an_agent_that_never_ends_is_given_up() -> None:
    async with running_bot() as bot:
        bot.orchestrator.hold()
        await bot.say("hello")
        await bot.orchestrator.asked()
        await bot.clock.advance(601)
        await bot.settled()
        assert bot.texts() == [texts.TROUBLE[OrchestratorFault.TIMEOUT]]
        assert bot.orchestrator.closed == 1


async def test_a_long_answer_arrives_in_parts() -> None:
    async with running_bot(orchestrator=ScriptedOrchestrator("x" * 9000)) as bot:
        read = await bot.ask("hello")
        assert "".join(read) == "x" * 9000
        assert [len(text) for text in read] == [4083, 4083, 834]


async def test_a_later_part_that_fails_leaves_the_first_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot(orchestrator=ScriptedOrchestrator("x" * 5000)) as bot:
        bot.connector.outcomes.extend([None, Rejected("no")])
        assert await bot.ask("hello") == ["x" * 4083, texts.INCOMPLETE]
        [failed] = await bot.runtime.failures.recent(10)
        assert (failed.chat_id, failed.error) == ("1", "Rejected")
        assert "xxx" not in caplog.text


class Paced:
    """An agent that says each next word when the test lets it."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.steps = asyncio.Semaphore(0)
        self.asked = asyncio.Event()

    async def answer(self, turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        self.asked.set()
        for word in self.words:
            await self.steps.acquire()
            yield TextDelta(word)
        await self.steps.acquire()
        yield Done()


async def test_an_answer_is_shown_while_it_is_written() -> None:
    agent = Paced("one ", "two ", "three ", "four")
    async with running_bot(connector=FakeConnector(Traits(max_length=100, edit_interval=1.0)), orchestrator=agent) as bot:
        await bot.say("go")
        await agent.asked.wait()
        shown: list[list[str]] = []
        for _ in range(4):
            agent.steps.release()
            await bot.clock.advance(0.6)
            if len(shown) == 2:
                await bot.connector.took(SendKind.MESSAGE)
                await bot.runtime.deliveries.idle()  # that it arrived is written: the agent is read on before time passes
            shown.append(bot.texts())
        agent.steps.release()
        await bot.settled()
        assert shown == [[], [], ["one two three "], ["one two three "]]
        calls = [(one.kind, one.text, one.final) for one in bot.connector.sent if not one.kind.cosmetic]
        assert calls[0] == (SendKind.MESSAGE, "one two three ", False)
        assert calls[-1] == (SendKind.EDIT, "one two three four", True)
        assert [final for kind, _, final in calls].count(True) == 1


async def test_a_failed_edit_on_the_way_does_not_cost_the_answer() -> None:
    agent = Paced("one ", "two ", "three ", "four")
    async with running_bot(connector=FakeConnector(Traits(max_length=100, edit_interval=1.0)), orchestrator=agent) as bot:
        bot.connector.outcomes.extend([None, NotDelivered("blip"), None])
        await bot.say("go")
        await agent.asked.wait()
        for _ in range(5):
            agent.steps.release()
            await bot.clock.advance(1.1)
        await bot.settled()
        assert bot.texts() == ["one two three four"]


async def test_a_quick_answer_is_one_message_and_no_edit() -> None:
    async with running_bot(connector=FakeConnector(Traits(max_length=100, edit_interval=1.0))) as bot:
        bot.orchestrator.answers.append([TextDelta("one "), TextDelta("two"), Done()])
        assert await bot.ask("go") == ["one two"]
        assert [one.kind for one in bot.connector.sent if not one.kind.cosmetic] == [SendKind.MESSAGE]


async def test_formatting_comes_before_splitting() -> None:
    class Shouting(FakeConnector):
        def format(self, text: str) -> str:
            return text.replace("&", "&amp;")

    async with running_bot(connector=Shouting(Traits(max_length=20))) as bot:
        read = await bot.ask("&" * 10)
        assert all(len(text) <= 20 for text in read)
        assert "".join(read) == "&amp;" * 10


async def test_layers_nest_first_plugin_outermost() -> None:
    trace: list[str] = []

    def layered(name: str) -> object:
        class Layered:
            @hookimpl
            def wrap_send(self) -> object:
                async def layer(send: Send, outgoing: Outgoing) -> Receipt:
                    if not outgoing.kind.cosmetic:
                        trace.append(name)
                    return await send(outgoing)

                return layer

        return Layered()

    async with running_bot(extra_plugins={"a": lambda _c: layered("outer"), "b": lambda _c: layered("inner")}) as bot:
        await bot.ask("hello")
        assert trace == ["outer", "inner"]


async def test_a_gate_that_raises_refuses_is_named_and_the_bot_lives_on(caplog: pytest.LogCaptureFixture) -> None:
    class Gate:
        broken = True

        @hookimpl
        async def before_dispatch(self, message: Inbound) -> Deny | None:
            if self.broken:
                raise RuntimeError(message.text)
            return None

    gate = Gate()
    async with running_bot(extra_plugins={"doorman": lambda _context: gate}) as bot:
        with caplog.at_level(logging.INFO):
            assert await bot.ask("my secret words") == [texts.GATE_FAILED]
            assert await bot.ask("again") == []
        assert bot.orchestrator.turns == []
        assert "doorman" in caplog.text
        assert "my secret words" not in caplog.text
        gate.broken = False
        assert await bot.ask("better?") == ["better?"]


async def test_a_bug_in_a_connectors_send_is_an_unknown_outcome_and_recorded() -> None:
    class Buggy(FakeConnector):
        async def send(self, outgoing: Outgoing) -> Receipt:
            if not outgoing.kind.cosmetic:
                raise KeyError("oops")
            return Receipt()

    async with running_bot(connector=Buggy()) as bot:
        await bot.ask("hello")
        [failed] = await bot.runtime.failures.recent(10)
        assert failed.error == "Ambiguous"


async def test_nothing_is_kept_of_chats_that_are_quiet() -> None:
    users = [str(number) for number in range(1, 201)]
    async with running_bot(allowed=users) as bot:
        for user in users:
            await bot.say("hi", user_id=user)
        await bot.settled()
        gc.collect()
        assert not [thing for thing in gc.get_objects() if isinstance(thing, Lane)]


async def test_stopping_lets_a_running_answer_finish() -> None:
    async with running_bot() as bot:
        bot.orchestrator.hold()
        await bot.say("hello")
        await bot.orchestrator.asked()
        asyncio.get_running_loop().call_later(0.05, bot.orchestrator.release)
    assert bot.texts() == ["hello"]


async def test_a_platform_that_is_down_costs_no_other_chat_anything() -> None:
    async with running_bot(allowed=("1", "2")) as bot:
        bot.connector.outcomes.append(NotDelivered("down"))
        await bot.ask("lost", user_id="1")
        assert await bot.ask("fine", user_id="2") == ["fine"]


async def test_an_answer_that_is_given_up_at_the_stop_is_told() -> None:
    agent = Paced("never")
    async with running_bot(orchestrator=agent) as bot:
        await bot.say("hello")
        await agent.asked.wait()
    assert bot.texts() == [texts.STOPPING]


async def test_a_test_that_fails_while_a_send_waits_does_not_hang() -> None:
    connector = FakeConnector()

    async def failing() -> None:
        async with running_bot(extra_plugins={"slow": lambda context: Slow(context)}, connector=connector) as bot:
            await bot.say("hello")
            await bot.clock.sleeping(5)
            raise ZeroDivisionError

    class Slow:
        def __init__(self, context: PluginContext[None]) -> None:
            self.clock = context.clock

        @hookimpl
        def wrap_send(self) -> object:
            async def layer(send: Send, outgoing: Outgoing) -> Receipt:
                if not outgoing.kind.cosmetic:
                    await self.clock.sleep(5)
                return await send(outgoing)

            return layer

    with pytest.raises(ZeroDivisionError):
        await failing()
    assert connector.texts("1") == ["hello"]


async def refuse_inserts(bot: RunningBot, table: str) -> None:
    """The database cannot take any more rows of this kind, as on a disk that is full."""
    async with bot.runtime.store.transaction() as transaction:
        await transaction.execute(f"CREATE TRIGGER full_{table} BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'disk full'); END")


async def accept_inserts(bot: RunningBot, table: str) -> None:
    async with bot.runtime.store.transaction() as transaction:
        await transaction.execute(f"DROP TRIGGER full_{table}")


async def test_a_store_that_cannot_open_a_session_is_told_in_a_sentence() -> None:
    async with running_bot() as bot:
        await refuse_inserts(bot, "sessions")
        assert await bot.ask("hello") == [texts.TROUBLE[OrchestratorFault.INTERNAL]]
        assert bot.orchestrator.turns == []


async def test_an_answer_that_cannot_be_kept_is_delivered_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    async with running_bot() as bot:
        await refuse_inserts(bot, "history")
        assert await bot.ask("hello") == ["hello"]
        assert await bot.ask("again") == ["again"]
    assert "could not be kept" in caplog.text


async def test_a_message_that_cannot_be_kept_is_not_taken_over_and_comes_again() -> None:
    async with running_bot() as bot:
        await refuse_inserts(bot, "inbox")
        with pytest.raises(ConnectionLost, match="store"):
            await bot.say("hello", message_id="m1")
        await accept_inserts(bot, "inbox")
        await bot.say("hello", message_id="m1")
        await bot.settled()
        assert bot.texts() == ["hello"]


async def test_an_answer_that_cannot_be_kept_yet_costs_nothing_that_was_taken() -> None:
    async with running_bot() as bot:
        await bot.ask("open a session")
        bot.orchestrator.hold()
        await bot.say("hello")
        await bot.orchestrator.asked(2)
        await refuse_inserts(bot, "outbox")
        bot.orchestrator.release()
        await bot.clock.sleeping(1.0)
        assert bot.texts() == ["open a session"]
        await accept_inserts(bot, "outbox")
        await bot.clock.advance(1.0)
        await bot.settled()
        assert bot.texts() == ["open a session", "hello"]


async def test_a_message_that_comes_while_the_bot_stops_is_not_taken_over() -> None:
    async with running_bot() as bot:
        bot.orchestrator.hold()
        await bot.say("first")
        await bot.orchestrator.asked()
        closing = asyncio.create_task(bot.runtime.intake.close())
        await bot.clock.advance(0)
        late = asyncio.create_task(bot.say("late"))
        await bot.clock.advance(0)
        assert not late.done()
        bot.orchestrator.release()
        await closing
        late.cancel()
    assert [turn.text for turn in bot.orchestrator.turns] == ["first"]


async def test_a_message_that_is_being_judged_when_the_bot_stops_is_answered() -> None:
    reached, pass_on = asyncio.Event(), asyncio.Event()

    class SlowGate:
        @hookimpl
        async def before_dispatch(self) -> None:
            reached.set()
            await pass_on.wait()

    async with running_bot(extra_plugins={"slow": lambda _context: SlowGate()}) as bot:
        saying = asyncio.create_task(bot.say("hello"))
        await reached.wait()
        asyncio.get_running_loop().call_later(0.05, pass_on.set)
    await saying
    assert bot.texts() == ["hello"]
