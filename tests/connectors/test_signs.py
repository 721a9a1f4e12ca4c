"""Reactions and typing signs, whatever the platform: they come, they go, in order, and cost nothing."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from parachute_core.connectors.signs import CLOSE_WITHIN, FLOOD_WAIT, LONGEST, MOST, SignCalls, Signs
from parachute_core.model.errors import Ambiguous, NotDelivered, Rejected, SendError
from parachute_core.model.outgoing import CHAT_ITSELF, Outgoing, Place, Purpose, Receipt, SendKind
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.signs import FakeSignCalls

EVERY = 4.0


class Stage:
    """Signs over a fake platform."""

    def __init__(self) -> None:
        self.calls = FakeSignCalls()
        self.clock = FakeClock()
        platform: SignCalls = self.calls
        self.room = True
        self.signs = Signs(platform, self.clock, EVERY, lambda _chat_id: self.room)

    def type(self, chat_id: str = "c", thread_id: str | None = None) -> Receipt:
        return self.signs.show(outgoing(SendKind.TYPING, chat_id, final=False, place=Place(None, thread_id)))

    def end(self, chat_id: str = "c") -> Receipt:
        return self.signs.show(outgoing(SendKind.TYPING, chat_id))

    def acknowledge(self, message_id: str, chat_id: str = "c") -> Receipt:
        return self.signs.show(outgoing(SendKind.ACK, chat_id, target_id=message_id))

    async def settle(self) -> list[tuple[str, str | None]]:
        """What was called so far, once nothing more is without time passing."""
        await self.clock.advance(0)
        return [(what, of) for what, _, of in self.calls.made]


def outgoing(kind: SendKind, chat_id: str, *, target_id: str | None = None, final: bool = True, place: Place = CHAT_ITSELF) -> Outgoing:
    return Outgoing("any", chat_id, kind, Purpose.REPLY, "k", target_id=target_id, final=final, place=place)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    stage = Stage()
    yield stage
    stage.calls.gate.set()
    await stage.signs.close()


async def test_typing_is_kept_up_in_its_thread_until_it_ends(stage: Stage) -> None:
    assert stage.type(thread_id="t") == Receipt()
    stage.type(thread_id="t")  # twice is once
    await stage.clock.advance(2 * EVERY)
    assert await stage.settle() == [("show", "t")] * 3
    stage.end()
    await stage.clock.advance(60)
    assert await stage.settle() == [*[("show", "t")] * 3, ("hide", "t")]


async def test_typing_does_not_go_on_for_ever(stage: Stage) -> None:
    stage.type()
    await stage.clock.advance(2 * LONGEST)
    assert len(await stage.settle()) == LONGEST / EVERY


async def test_a_reaction_is_taken_off_by_its_name_at_the_end(stage: Stage) -> None:
    stage.type()
    stage.acknowledge("m1")
    assert await stage.settle() == [("show", None), ("react", "m1")]
    stage.end()
    assert (await stage.settle())[2:] == [("hide", None), ("take off", "on m1")]
    stage.end()
    assert len(await stage.settle()) == 4


async def test_a_reaction_on_its_way_is_taken_off_once_it_is_there(stage: Stage) -> None:
    stage.calls.gate.clear()
    stage.acknowledge("m1")
    await stage.settle()
    stage.end()
    assert await stage.settle() == [("react", "m1")]
    stage.calls.gate.set()
    assert await stage.settle() == [("react", "m1"), ("take off", "on m1")]


@pytest.mark.parametrize(("failure", "taken_off"), [(Rejected("no"), False), (NotDelivered("no"), False), (Ambiguous("who knows"), True)])
async def test_only_a_reaction_that_may_be_there_is_taken_off(stage: Stage, failure: SendError, taken_off: bool) -> None:
    stage.calls.failures.append(failure)
    stage.acknowledge("m1")
    await stage.settle()
    stage.end()
    assert await stage.settle() == [("react", "m1"), *([("take off", None)] if taken_off else [])]


async def test_the_next_answers_signs_come_after_the_last_ones_went(stage: Stage) -> None:
    stage.type()
    stage.acknowledge("m1")
    await stage.settle()
    stage.end()
    stage.type()
    stage.acknowledge("m2")
    assert (await stage.settle())[2:] == [("hide", None), ("take off", "on m1"), ("show", None), ("react", "m2")]
    stage.end()
    stage.type()
    stage.end()
    assert (await stage.settle())[6:] == [("hide", None), ("take off", "on m2"), ("hide", None)]


async def test_chats_do_not_wait_for_each_other(stage: Stage) -> None:
    stage.calls.gate.clear()
    stage.type("a")
    stage.end("a")
    stage.type("b")
    await stage.settle()
    assert ("show", "b", None) in stage.calls.made


async def test_a_refusal_that_names_a_wait_silences_everything_for_it(stage: Stage) -> None:
    stage.calls.failures.append(NotDelivered("too many", 10))
    stage.type("a")
    await stage.settle()
    stage.type("b")
    stage.acknowledge("m1", "b")
    await stage.clock.advance(9)
    assert [one[1] for one in stage.calls.made] == ["a"]
    await stage.clock.advance(EVERY)
    assert {one[:2] for one in stage.calls.made[1:]} == {("show", "a"), ("show", "b")}
    stage.end("b")
    await stage.settle()
    assert "take off" not in [one[0] for one in stage.calls.made], "there was nothing to take off"


async def test_a_refusal_that_names_no_time_silences_for_a_while(stage: Stage) -> None:
    stage.signs.shed(None)
    stage.type()
    await stage.clock.advance(FLOOD_WAIT - EVERY)
    assert await stage.settle() == []
    await stage.clock.advance(2 * EVERY)
    assert ("show", None) in await stage.settle()


@pytest.mark.parametrize("failure", [NotDelivered("gone"), Ambiguous("lost"), Rejected("no")])
async def test_a_failed_sign_is_nobodys_business(stage: Stage, failure: SendError) -> None:
    stage.calls.failures.append(failure)
    stage.type()
    await stage.clock.advance(EVERY)
    assert await stage.settle() == [("show", None)] * 2


async def test_a_stop_takes_everything_off(stage: Stage) -> None:
    stage.type()
    stage.acknowledge("m1")
    await stage.settle()
    await stage.signs.close()
    assert (await stage.settle())[2:] == [("hide", None), ("take off", "on m1")]
    await stage.clock.advance(60)
    assert len(await stage.settle()) == 4


async def test_a_stop_does_not_wait_for_signs_that_hang(stage: Stage) -> None:
    stage.calls.gate.clear()
    stage.acknowledge("m1")
    stage.type()
    await stage.settle()
    closing = asyncio.create_task(stage.signs.close())
    await stage.clock.advance(CLOSE_WITHIN)
    assert closing.done()
    assert {one[0] for one in stage.calls.made} == {"react", "show", "hide"}


async def test_memory_is_bounded(stage: Stage) -> None:
    for chat in range(MOST + 1):
        stage.acknowledge("m", f"{chat}")
    await stage.settle()
    assert len(stage.calls.made) == MOST
    stage.end("0")
    stage.acknowledge("m", "late")
    await stage.settle()
    assert ("react", "late", "m") in stage.calls.made
