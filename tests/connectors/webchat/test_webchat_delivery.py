"""The bot's side: what reaches a visitor's tabs, and the truth about what did not."""

import asyncio
from dataclasses import replace

import pytest

from parachute_core.connectors.webchat import WebChat, make_connector
from parachute_core.connectors.webchat.sockets import BACKLOG, STALL
from parachute_core.model.errors import Ambiguous, NotDelivered, Unreachable
from parachute_core.model.outgoing import Outgoing, Purpose, Receipt, SendKind
from parachute_core.testing import FakeClock
from parachute_core.testing.memory import connector_context
from parachute_core.testing.sockets import FakeLink, FakeSocket


def answer(chat_id: str, text: str = "hi", key: str = "k", kind: SendKind = SendKind.MESSAGE) -> Outgoing:
    return Outgoing("web", chat_id, kind, Purpose.REPLY, key, text)


async def test_an_answer_and_its_edits_reach_every_tab(chat: WebChat) -> None:
    one, two = FakeSocket.open(chat), FakeSocket.open(chat)
    welcome = await one.hello()
    await two.hello(welcome["token"])
    receipt = await chat.send(replace(answer(welcome["chat_id"], "he"), final=False))
    await chat.send(replace(answer(welcome["chat_id"], "hello", "k2", SendKind.EDIT), target_id=receipt.message_id))
    for tab in (one, two):
        assert await tab.next("message") == {"type": "message", "id": receipt.message_id, "text": "he", "final": False}
        assert await tab.next("edit") == {"type": "edit", "id": receipt.message_id, "text": "hello", "final": True}


async def test_nothing_reaches_another_visitor(chat: WebChat) -> None:
    mine, theirs = FakeSocket.open(chat), FakeSocket.open(chat)
    chat_id = (await mine.hello())["chat_id"]
    await theirs.hello()
    await chat.send(answer(chat_id))
    await mine.next("message")
    assert not theirs.told


async def test_without_an_open_page_nothing_is_delivered_until_it_is_back(chat: WebChat) -> None:
    socket = FakeSocket.open(chat)
    welcome = await socket.hello()
    socket.break_off()
    await socket.over()
    with pytest.raises(Unreachable):
        await chat.send(answer(welcome["chat_id"]))
    back = FakeSocket.open(chat)
    await back.hello(welcome["token"])
    await chat.send(answer(welcome["chat_id"]))
    await back.next("message")


async def test_a_socket_that_breaks_while_it_is_told_is_ambiguous(chat: WebChat) -> None:
    socket = FakeSocket.open(chat)
    chat_id = (await socket.hello())["chat_id"]
    socket.stop_reading()
    first = asyncio.create_task(chat.send(answer(chat_id, key="1")))
    second = asyncio.create_task(chat.send(answer(chat_id, key="2")))
    await asyncio.sleep(0.01)
    socket.break_off()
    with pytest.raises(Ambiguous):
        await first
    with pytest.raises(NotDelivered):
        await second


async def test_another_tab_that_took_it_counts(chat: WebChat) -> None:
    broken, sound = FakeSocket.open(chat), FakeSocket.open(chat)
    welcome = await broken.hello()
    await sound.hello(welcome["token"])
    broken.stop_reading()
    assert (await chat.send(answer(welcome["chat_id"]))).message_id
    await sound.next("message")
    broken.break_off()
    await broken.over()


async def test_a_client_that_never_takes_its_frame_is_dropped_and_holds_up_nobody(chat: WebChat, clock: FakeClock) -> None:
    slow, other = FakeSocket.open(chat), FakeSocket.open(chat)
    chat_id = (await slow.hello())["chat_id"]
    other_id = (await other.hello())["chat_id"]
    slow.stop_reading()
    sending = asyncio.create_task(chat.send(answer(chat_id)))
    await clock.sleeping(STALL)
    await chat.send(answer(other_id))
    await other.next("message")
    await clock.advance(STALL)
    with pytest.raises(Ambiguous):
        await sending
    await slow.over()
    assert slow.close_code == 1008


async def test_what_waits_for_one_client_is_bounded(chat: WebChat) -> None:
    slow, fast = FakeSocket.open(chat), FakeSocket.open(chat)
    welcome = await slow.hello()
    await fast.hello(welcome["token"])
    slow.stop_reading()
    for number in range(BACKLOG // 16_000 + 2):
        await chat.send(answer(welcome["chat_id"], "x" * 16_000, str(number)))
        await fast.next("message")
    await slow.over()
    assert slow.close_code == 1008
    await chat.send(answer(welcome["chat_id"], key="after"))
    await fast.next("message")


async def test_cosmetic_calls_never_wait(chat: WebChat) -> None:
    socket = FakeSocket.open(chat)
    chat_id = (await socket.hello())["chat_id"]
    socket.stop_reading()
    assert await chat.send(answer(chat_id, "", kind=SendKind.TYPING)) == Receipt()
    socket.break_off()
    await socket.over()


async def test_the_cores_acknowledgement_and_ours_are_one_frame(chat: WebChat, link: FakeLink) -> None:
    socket = FakeSocket.open(chat)
    chat_id = (await socket.hello())["chat_id"]
    socket.say({"type": "message", "text": "x", "id": "1"})
    await socket.next("ack")
    await chat.send(replace(answer(chat_id, "", kind=SendKind.ACK), target_id="1"))
    await chat.send(answer(chat_id))
    await socket.next("message")


async def test_a_stopped_chat_closes_its_sockets_and_takes_nobody(clock: FakeClock, link: FakeLink) -> None:
    chat = make_connector(connector_context("web", None, clock=clock))
    with pytest.raises(NotDelivered):
        await chat.send(answer("web-x"))
    running = asyncio.create_task(chat.run(link))
    await asyncio.sleep(0)
    assert link.proofs == ["accepting visitors"]
    greeted, fresh = FakeSocket.open(chat), FakeSocket.open(chat)
    chat_id = (await greeted.hello())["chat_id"]
    link.gate.clear()
    greeted.say({"type": "message", "text": "in the middle"})
    await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    for socket in (greeted, fresh):
        await socket.over()
        assert socket.close_code == 1012
    with pytest.raises(NotDelivered):
        await chat.send(answer(chat_id))
    late = FakeSocket.open(chat)
    assert "switched off" in (await late.next("error"))["error"]
    await late.over()
    assert late.close_code == 1013


async def test_a_server_may_cancel_a_visit_at_any_time(chat: WebChat) -> None:
    socket = FakeSocket()
    serving = asyncio.create_task(chat.serve(socket))
    chat_id = (await socket.hello())["chat_id"]
    serving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await serving
    with pytest.raises(Unreachable):
        await chat.send(answer(chat_id))


async def test_who_the_bot_is(chat: WebChat) -> None:
    assert await chat.test() == {"bot_name": "web chat"}
    assert chat.traits.idempotent_messages
