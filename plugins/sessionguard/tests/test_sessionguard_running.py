"""Messages that enter through a connector, and answers that want to leave by it, meet the guard."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from parachute_core import (
    ChatRef,
    ChatType,
    Clock,
    Done,
    NotDelivered,
    Notice,
    Orchestrator,
    PluginContext,
    SendError,
    SendKind,
    Session,
    TextDelta,
    Turn,
    TurnEvent,
    hookimpl,
)
from parachute_core.testing import FakeClock, FakeConnector, RunningBot, running_bot

ENDED = "Your session has ended — start a new one with /new"
FRESH = "fresh session"


async def session_of(bot: RunningBot, chat_id: str = "1") -> Session:
    session = await bot.runtime.sessions.current(ChatRef(bot.platform, chat_id))
    assert session is not None
    return session


async def archive(bot: RunningBot, chat_id: str = "1") -> Session:
    """End the chat's session as the owner does."""
    session = await session_of(bot, chat_id)
    response = await bot.request("POST", f"/api/sessions/{session.id}/archive")
    assert response.status == 200
    return session


async def test_a_live_session_is_left_alone() -> None:
    async with running_bot(["sessionguard"]) as bot:
        assert await bot.ask("one") == ["one"]
        assert await bot.ask("two") == ["two"]


async def test_a_message_to_an_ended_session_gets_the_notice_once_and_never_reaches_the_agent() -> None:
    async with running_bot(["sessionguard"]) as bot:
        await bot.ask("one")
        await archive(bot)
        assert await bot.ask("two") == [ENDED]
        assert await bot.ask("three") == []
        assert await bot.ask("four") == []
        assert [turn.text for turn in bot.orchestrator.turns] == ["one"]


async def test_new_opens_a_fresh_session_and_its_end_is_told_anew() -> None:
    async with running_bot(["sessionguard"]) as bot:
        await bot.ask("one")
        first = await archive(bot)
        await bot.ask("two")
        (answer,) = await bot.ask("/new")
        assert FRESH in answer
        assert (await session_of(bot)).id != first.id
        assert await bot.ask("three") == ["three"]
        await archive(bot)
        assert await bot.ask("four") == [ENDED]
        assert await bot.ask("five") == []


async def test_help_and_status_answer_in_an_ended_session() -> None:
    async with running_bot(["sessionguard"]) as bot:
        await bot.ask("one")
        await archive(bot)
        for command in ("/help", "/status", "/start"):
            answer = await bot.ask(command)
            assert len(answer) == 1
            assert answer != [ENDED]


async def test_an_answer_finished_after_the_archiving_is_not_delivered() -> None:
    async with running_bot(["sessionguard"]) as bot:
        await bot.ask("one")
        bot.orchestrator.hold()
        await bot.say("two")
        await bot.orchestrator.asked(2)
        await archive(bot)
        bot.orchestrator.release()
        await bot.settled()
        assert bot.texts() == ["one", ENDED]
        assert await bot.ask("three") == []
        assert await bot.runtime.failures.recent(10) == []


async def test_a_message_that_waited_while_its_session_ended_never_reaches_the_agent() -> None:
    async with running_bot(["sessionguard"]) as bot:
        await bot.ask("one")
        bot.orchestrator.hold()
        await bot.say("two")
        await bot.orchestrator.asked(2)
        await bot.say("three")
        await bot.say("four")
        await archive(bot)
        bot.orchestrator.release()
        await bot.settled()
        assert [turn.text for turn in bot.orchestrator.turns] == ["one", "two"]
        assert bot.texts() == ["one", ENDED]


async def test_an_answer_to_a_session_that_was_left_by_new_says_nothing() -> None:
    async with running_bot(["sessionguard"]) as bot:
        bot.orchestrator.hold()
        await bot.say("one")
        await bot.orchestrator.asked(1)
        await bot.say("/new")
        bot.orchestrator.release()
        await bot.settled()
        (answer,) = bot.texts()
        assert FRESH in answer


class Typist:
    """Writes an answer word by word, five seconds each; ends the session after the second word."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.bot: RunningBot
        self.steps: list[str] = []

    async def answer(self, turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        for word in ("one ", "two ", "three ", "four"):
            yield TextDelta(word)
            await self._clock.sleep(5.0)
            self.steps.append(word)
            if word == "two ":
                await self.bot.runtime.sessions.archive(turn.session_id)
        yield Done()


async def test_an_edit_does_not_leave_an_ended_session_and_the_agent_is_stopped() -> None:
    clock = FakeClock()
    typist = Typist(clock)
    orchestrator: Orchestrator = typist
    connector = FakeConnector(replace(FakeConnector().traits, edit_interval=2.0))
    async with running_bot(["sessionguard"], clock=clock, connector=connector, orchestrator=orchestrator) as bot:
        typist.bot = bot
        await bot.say("count")
        settled = asyncio.create_task(bot.settled())
        while not settled.done():
            await bot.clock.advance(0.25)
            await asyncio.sleep(0.001)  # the store works in a thread
        await settled
        assert bot.texts() == ["one two ", ENDED] or bot.texts() == ["one two", ENDED]
        assert not [one for one in connector.attempts if one.kind is SendKind.EDIT]
        assert typist.steps == ["one ", "two "]


class Remarking:
    """Makes a remark after its session has ended."""

    def __init__(self) -> None:
        self.bot: RunningBot

    async def answer(self, turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        await self.bot.runtime.sessions.archive(turn.session_id)
        yield Notice("by the way")
        yield TextDelta("the answer")
        yield Done()


async def test_the_agents_remarks_do_not_leave_either() -> None:
    remarking = Remarking()
    orchestrator: Orchestrator = remarking
    async with running_bot(["sessionguard"], orchestrator=orchestrator) as bot:
        remarking.bot = bot
        assert await bot.ask("hello") == [ENDED]


class Interrupting:
    """A platform during whose call number `at` the session ends; counts calls that are not cosmetic."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.seen = 0
        self.bot: RunningBot

    def __call__(self, context: PluginContext[Any]) -> "Interrupting":
        return self

    @hookimpl
    def wrap_send(self) -> Any:
        async def layer(send: Any, outgoing: Any) -> Any:
            receipt = await send(outgoing)
            if not outgoing.kind.cosmetic and outgoing.session_id:
                self.seen += 1
                if self.seen == self.at:
                    await self.bot.runtime.sessions.archive(outgoing.session_id)
            return receipt

        return layer


async def test_the_further_parts_of_an_answer_stay_when_the_session_ends_between_them() -> None:
    interrupting = Interrupting(at=1)
    async with running_bot(["sessionguard"], extra_plugins={"interrupting": interrupting}) as bot:
        interrupting.bot = bot
        bot.orchestrator.answers.append(" ".join(f"word{number}" for number in range(1500)))
        first, notice = await bot.ask("much, please")
        assert first.startswith("word0 ")
        assert notice == ENDED


class Stubborn:
    """Repeats a call that failed, once, and ends the session in between."""

    def __init__(self) -> None:
        self.bot: RunningBot

    def __call__(self, context: PluginContext[Any]) -> "Stubborn":
        return self

    @hookimpl
    def wrap_send(self) -> Any:
        async def layer(send: Any, outgoing: Any) -> Any:
            try:
                return await send(outgoing)
            except NotDelivered:
                await self.bot.runtime.sessions.archive(outgoing.session_id)
                return await send(outgoing)

        return layer


async def test_a_repetition_is_judged_anew() -> None:
    stubborn = Stubborn()
    config: dict[str, dict[str, object]] = {"stubborn": {}, "sessionguard": {}}
    async with running_bot(config, extra_plugins={"stubborn": stubborn}) as bot:
        assert bot.runtime.hooks.order()["wrap_send"] == ("stubborn", "sessionguard")
        stubborn.bot = bot
        bot.connector.outcomes.append(NotDelivered("429"))
        assert await bot.ask("hello") == [ENDED]
        assert [one.text for one in bot.connector.attempts if not one.kind.cosmetic] == ["hello", ENDED]


async def test_the_notice_is_told_once_across_a_restart(tmp_path: Path) -> None:
    async with running_bot(["sessionguard"], home=tmp_path) as bot:
        await bot.ask("one")
        await archive(bot)
        assert await bot.ask("two") == [ENDED]
    async with running_bot(["sessionguard"], home=tmp_path) as bot:
        assert await bot.ask("three") == []
        assert bot.orchestrator.turns == []


async def test_each_chat_is_told_for_itself() -> None:
    async with running_bot(["sessionguard"], allowed=("1", "2")) as bot:
        for user in ("1", "2"):
            await bot.ask("hello", user)
            await archive(bot, user)
        assert await bot.ask("again", "1") == [ENDED]
        assert await bot.ask("again", "2") == [ENDED]


async def test_an_ended_session_of_one_chat_does_not_touch_another() -> None:
    async with running_bot(["sessionguard"], allowed=("1", "2")) as bot:
        await bot.ask("hello", "1")
        await archive(bot, "1")
        assert await bot.ask("hello", "2") == ["hello"]


async def test_a_stranger_in_a_group_does_not_use_up_the_notice() -> None:
    async with running_bot(["sessionguard"]) as bot:
        await bot.say("hello", "1", "-100", chat_type=ChatType.GROUP)
        await bot.settled()
        await archive(bot, "-100")
        assert ENDED not in await bot.ask("let me in", "666", "-100")
        assert await bot.ask("hello again", "1", "-100") == [ENDED]


async def test_what_may_not_be_read_is_refused(tmp_path: Path) -> None:
    """A trust level that nobody can read must not count as one."""
    async with running_bot(["sessionguard"], home=tmp_path) as bot:
        await bot.ask("one")
    change(tmp_path, "UPDATE sessions SET trust_level = 'emperor'")
    async with running_bot(["sessionguard"], home=tmp_path) as bot:
        (told,) = await bot.ask("two")
        assert "/new" in told
        assert told != ENDED
        assert await bot.ask("three") == []
        assert bot.orchestrator.turns == []
        await bot.ask("/new")
        assert await bot.ask("four") == ["four"]


def change(home: Path, sql: str) -> None:
    connection = sqlite3.connect(home / "parachute.db")
    try:
        with connection:
            connection.execute(sql)
    finally:
        connection.close()


class Astray:
    """Makes every part of an answer belong to a session that does not exist, in a chat of its choice."""

    def __init__(self, chat_id: str) -> None:
        self.chat_id = chat_id
        self.errors: list[SendError] = []

    def __call__(self, context: PluginContext[Any]) -> "Astray":
        return self

    @hookimpl
    def wrap_send(self) -> Any:
        async def layer(send: Any, outgoing: Any) -> Any:
            if outgoing.session_id is None:
                return await send(outgoing)
            try:
                return await send(replace(outgoing, session_id="nowhere", chat_id=self.chat_id))
            except SendError as error:
                self.errors.append(error)
                raise

        return layer


@pytest.mark.parametrize(
    ("chat_id", "said"),
    [
        pytest.param("1", None, id="the chat has another session by now"),
        pytest.param("9", ENDED, id="the chat has none"),
    ],
)
async def test_an_answer_to_a_session_that_is_gone_is_not_delivered(chat_id: str, said: str | None) -> None:
    astray = Astray(chat_id)
    config: dict[str, dict[str, object]] = {"astray": {}, "sessionguard": {}}
    async with running_bot(config, extra_plugins={"astray": astray}) as bot:
        for number in range(2):
            assert await bot.ask("hello") == ([said] if said and number == 0 else [])
        assert bot.orchestrator.turns == []
    assert [getattr(error, "reply", "no Withheld") for error in astray.errors] == [said, None]


async def test_its_table_holds_one_row_for_each_chat(tmp_path: Path) -> None:
    async with running_bot(["sessionguard"], home=tmp_path) as bot:
        for _ in range(5):
            await bot.ask("/new")
            await archive(bot)
            assert await bot.ask("hello") == [ENDED]
    connection = sqlite3.connect(tmp_path / "parachute.db")
    try:
        assert connection.execute("SELECT count(*) FROM sessionguard_notices").fetchone() == (1,)
    finally:
        connection.close()


@pytest.mark.parametrize("plugins", [[], ["sessionguard"]])
async def test_only_the_plugin_keeps_a_message_out_of_an_ended_session(plugins: list[str]) -> None:
    async with running_bot(plugins) as bot:
        await bot.ask("one")
        await archive(bot)
        assert await bot.ask("two") == ([ENDED] if plugins else ["two"])
