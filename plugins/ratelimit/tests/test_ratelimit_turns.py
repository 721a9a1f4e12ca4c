"""The caps alone."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st
from parachute_ratelimit.layers import Per
from parachute_ratelimit.turns import Turns


def test_a_turn_begins_while_both_caps_have_room() -> None:
    turns = Turns(per_user=1, overall=2)
    assert turns.begin("a", "ann") is None
    assert turns.begin("b", "ann") is Per.USER
    assert turns.begin("b", "bob") is None
    assert turns.begin("c", "cyn") is Per.ALL
    turns.end("a")
    assert turns.begin("c", "ann") is None


def test_an_end_without_a_beginning_frees_nothing() -> None:
    turns = Turns(per_user=None, overall=1)
    assert turns.begin("a", "ann") is None
    turns.end("b")
    turns.end("b")
    assert turns.begin("c", "cyn") is Per.ALL


def test_a_chat_that_begins_again_has_ended() -> None:
    turns = Turns(per_user=1, overall=1)
    assert turns.begin("a", "ann") is None
    assert turns.begin("a", "bob") is None
    turns.end("a")
    assert len(turns) == 0


async def test_who_waits_is_let_in_in_order_but_for_those_that_only_their_own_cap_holds() -> None:
    turns = Turns(per_user=1, overall=2)
    began: list[str] = []

    async def run(chat: str, user: str) -> None:
        await turns.wait_and_begin(chat, user)
        began.append(chat)

    tasks = []
    for chat, user in [("a", "ann"), ("b", "bob"), ("c", "ann"), ("d", "dan"), ("e", "eve")]:
        tasks.append(asyncio.create_task(run(chat, user)))
        await asyncio.sleep(0)
    assert began == ["a", "b"]
    turns.end("b")
    await asyncio.sleep(0)
    assert began == ["a", "b", "d"]  # c waits for ann's other turn, and holds up nobody
    turns.end("a")
    await asyncio.sleep(0)
    assert began == ["a", "b", "d", "c"]
    turns.end("c")
    await asyncio.gather(*tasks)
    assert began[-1] == "e"


async def test_who_gives_up_leaves_the_queue_and_no_place_is_lost() -> None:
    turns = Turns(per_user=None, overall=1)
    assert turns.begin("a", "ann") is None
    first, second = (asyncio.create_task(turns.wait_and_begin(chat, chat)) for chat in ("b", "c"))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.wait({first})
    turns.end("a")  # lets the second in, which is cancelled in the same moment
    second.cancel()
    await asyncio.wait({second})
    assert len(turns) == 0
    assert turns.begin("d", "dan") is None


@given(
    st.lists(st.tuples(st.booleans(), st.sampled_from("abcdef"), st.sampled_from("123")), max_size=80), st.integers(1, 3), st.integers(1, 4)
)
def test_no_cap_is_ever_passed_and_nobody_is_refused_without_cause(moves: list[tuple[bool, str, str]], per_user: int, overall: int) -> None:
    turns = Turns(per_user, overall)
    running: dict[str, str] = {}
    for begins, chat, user in moves:
        running.pop(chat, None)
        if not begins:
            turns.end(chat)
            continue
        fits = len(running) < overall and list(running.values()).count(user) < per_user
        assert (turns.begin(chat, user) is None) == fits
        if fits:
            running[chat] = user
        assert len(turns) == len(running)
