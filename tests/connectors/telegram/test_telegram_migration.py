"""A group that becomes a supergroup: its session goes on, whoever notices first, also after a restart."""

from pathlib import Path

import pytest

from parachute_core.connectors.telegram.moved import MOST, Moved
from parachute_core.model.errors import Rejected, StoreError
from parachute_core.model.outgoing import Place, SendKind
from parachute_core.testing.memory import DictMemory
from parachute_core.testing.orchestrator import ScriptedOrchestrator
from parachute_core.testing.sockets import FakeLink
from parachute_core.testing.telegram import FakeBotApi
from tests.connectors.telegram.running import connected, connector_for, outgoing, whole_bot

OLD, NEW = "-1", "-1002"


async def test_a_send_that_is_told_goes_to_the_new_id_from_then_on(api: FakeBotApi) -> None:
    api.group(NEW)
    api.migrated[OLD] = NEW
    memory = DictMemory()
    async with connected(api, memory=memory) as bot:
        await bot.connector.send(outgoing("one", chat_id=OLD))
        await bot.connector.send(outgoing("two", chat_id=OLD))
        assert bot.link.moves == [(OLD, NEW)]
    async with connected(api, memory=memory) as bot:
        await bot.connector.send(outgoing("three", chat_id=OLD))
        await bot.connector.send(outgoing(kind=SendKind.TYPING, chat_id=OLD, final=False))
        await api.until(lambda: api.actions == [NEW])

    assert api.texts(NEW) == ["one", "two", "three"]
    assert [one["chat_id"] for one in api.calls("sendMessage")] == [OLD, NEW, NEW, NEW]


async def test_telegrams_own_words_are_taken_and_told_once(api: FakeBotApi) -> None:
    memory = DictMemory()
    async with connected(api, memory=memory) as bot:
        api.upgrade(OLD, NEW)
        api.say("that was all")
        await bot.link.texts(1)
        await bot.connector.send(outgoing("hello", chat_id=OLD))

    assert bot.link.moves == [(OLD, NEW)]
    assert [one["chat_id"] for one in api.calls("sendMessage")] == [NEW]
    assert memory.kept == {f"moved:{OLD}": NEW}


async def test_a_session_goes_on_under_the_new_id_also_after_a_restart(api: FakeBotApi, tmp_path: Path) -> None:
    api.group(OLD, "group")
    first = ScriptedOrchestrator()
    async with whole_bot(api, home=tmp_path / "home", orchestrator=first) as bot:
        api.say("@FakeBot one", "1", OLD)
        await api.until(lambda: api.texts(OLD) == ["one"])
        await bot.settled()
        api.upgrade(OLD, NEW)
        await api.until(lambda: not api.updates)
    second = ScriptedOrchestrator()
    async with whole_bot(api, home=tmp_path / "home", orchestrator=second) as bot:
        api.say("@FakeBot two", "1", NEW)
        await api.until(lambda: api.texts(NEW) == ["two"])
        await bot.settled()
        assert [one.chat_id for one in await bot.runtime.sessions.list(10, 0)] == [NEW]

    assert second.turns[0].session_id == first.turns[0].session_id
    assert [entry.text for entry in second.turns[0].history] == ["one", "one"]


async def test_an_answer_that_finds_the_group_moved_arrives_and_takes_the_session_along(api: FakeBotApi) -> None:
    orchestrator = ScriptedOrchestrator()
    async with whole_bot(api, orchestrator=orchestrator) as bot:
        orchestrator.hold()
        api.say("@FakeBot one", "1", OLD)
        await orchestrator.asked(1)
        api.group(NEW)
        api.migrated[OLD] = NEW
        orchestrator.release()
        await api.until(lambda: api.texts(NEW) == ["one"])
        await bot.settled()
        api.say("@FakeBot two", "1", NEW)
        await api.until(lambda: api.texts(NEW) == ["one", "two"])
        await bot.settled()

    one, two = orchestrator.turns
    assert one.session_id == two.session_id


async def test_an_edit_never_touches_another_message_that_has_the_same_number_in_the_new_chat(api: FakeBotApi) -> None:
    api.group(OLD)
    async with connected(api) as bot:
        begun = await bot.connector.send(outgoing("begun", chat_id=OLD, final=False))
        api.upgrade(OLD, NEW)
        other = api.post(api.chats[NEW], api.me, "another answer", [])
        other["message_id"] = int(begun.message_id or 0)
        with pytest.raises(Rejected):
            await bot.connector.send(outgoing("more", SendKind.EDIT, chat_id=OLD, target_id=begun.message_id, final=False))
        await bot.connector.send(outgoing("all of it", SendKind.EDIT, chat_id=OLD, target_id=begun.message_id))

    assert api.texts(NEW) == ["another answer", "all of it"]


async def test_an_old_question_is_no_other_message_of_the_new_chat(api: FakeBotApi) -> None:
    question = api.say("hello", "1", OLD)
    api.upgrade(OLD, NEW)
    other = api.post(api.chats[NEW], api.user("2"), "another message", [])
    other["message_id"] = question["message_id"]
    place = Place(str(question["message_id"]))
    memory = DictMemory()
    async with connected(api, memory=memory) as bot:
        await bot.link.texts(1)
        await bot.connector.send(outgoing("one", chat_id=OLD, place=place))
        memory.kept.clear()
    async with connected(api, memory=memory) as bot:
        await bot.connector.send(outgoing("two", chat_id=OLD, place=place))
        await bot.connector.send(outgoing(kind=SendKind.ACK, chat_id=OLD, target_id=str(question["message_id"])))
        await api.until(lambda: api.calls("setMessageReaction"))

    assert api.texts(NEW) == ["one", "two"]
    assert all("reply_to_message" not in one for one in api.history[NEW])
    assert api.reactions == {}


async def test_what_was_sent_to_the_new_id_is_edited_there(api: FakeBotApi) -> None:
    api.group(NEW)
    api.migrated[OLD] = NEW
    async with connected(api) as bot:
        begun = await bot.connector.send(outgoing("begun", chat_id=OLD, final=False))
        receipt = await bot.connector.send(outgoing("whole", SendKind.EDIT, chat_id=OLD, target_id=begun.message_id))

    assert api.texts(NEW) == ["whole"]
    assert receipt == begun


async def test_a_message_arrives_even_when_its_new_place_cannot_be_kept(api: FakeBotApi) -> None:
    class Broken(FakeLink):
        """Cannot write down that a chat moved."""

        async def moved(self, old_chat_id: str, new_chat_id: str) -> None:
            await super().moved(old_chat_id, new_chat_id)
            raise StoreError("the disk is full")

    api.group(NEW)
    api.migrated[OLD] = NEW
    memory = DictMemory()
    async with connected(api, link=Broken(), memory=memory) as bot:
        await bot.connector.send(outgoing("one", chat_id=OLD))
        await bot.connector.send(outgoing("two", chat_id=OLD))

    assert api.texts(NEW) == ["one", "two"]
    assert bot.link.moves == [(OLD, NEW)] * 2  # nothing was kept, so it is told again
    assert memory.kept == {}


async def test_before_the_first_connection_nothing_is_kept(api: FakeBotApi) -> None:
    api.group(NEW)
    api.migrated[OLD] = NEW
    memory = DictMemory()
    await connector_for(api, memory=memory).send(outgoing("one", chat_id=OLD))

    assert api.texts(NEW) == ["one"]
    assert memory.kept == {}


async def test_memory_is_bounded() -> None:
    memory = DictMemory()
    moved = Moved(memory)
    await moved.begin(FakeLink())
    for number in range(MOST + 1):
        await moved.remember(f"{number}", f"new {number}")

    assert len(memory.kept) == MOST
    assert (moved.current("0"), moved.current(f"{MOST}")) == ("0", f"new {MOST}")
