"""A visitor's side: hello, messages, and everything that a client can do wrong."""

from parachute_core.connectors.webchat import WebChat
from parachute_core.connectors.webchat.frames import LARGEST
from parachute_core.connectors.webchat.rooms import MOST_SOCKETS, MOST_TABS
from parachute_core.model.errors import ConfigError
from parachute_core.model.message import ChatRef, ChatType
from parachute_core.testing import FakeClock
from parachute_core.testing.sockets import FakeLink, FakeSocket


async def test_a_new_visitor_gets_an_identity_and_keeps_it(chat: WebChat, link: FakeLink) -> None:
    first = await FakeSocket.open(chat).hello()
    assert first["user_id"] == first["chat_id"]
    assert first["user_id"].startswith("web-")
    assert "allowed" not in first
    assert await FakeSocket.open(chat).hello(first["token"]) == first
    assert (await FakeSocket.open(chat).hello())["user_id"] != first["user_id"]
    assert link.proofs == ["accepting visitors"] * 4


async def test_a_forged_token_makes_a_new_visitor_who_is_told_so(chat: WebChat) -> None:
    socket, forged = FakeSocket.open(chat), "web-" + "A" * 22 + "." + "0" * 64
    welcome = await socket.hello(forged)
    assert not forged.startswith(welcome["user_id"])
    assert "new visitor" in (await socket.next("error"))["error"]


async def test_a_message_reaches_the_core_and_is_acknowledged(chat: WebChat, link: FakeLink, clock: FakeClock) -> None:
    socket = FakeSocket.open(chat)
    user_id = (await socket.hello())["user_id"]
    socket.say({"type": "message", "text": " /new ", "id": "mine"})
    assert await socket.next("ack") == {"type": "ack", "id": "mine"}
    [message] = link.received
    assert (message.chat, message.user_id, message.text) == (ChatRef("web", user_id), user_id, " /new ")
    assert (message.message_id, message.chat_type, message.received_at) == ("mine", ChatType.DIRECT, clock.now())
    assert message.addressed


async def test_a_client_need_not_name_its_messages(chat: WebChat, link: FakeLink) -> None:
    socket = FakeSocket.open(chat)
    await socket.hello()
    for _ in range(2):
        socket.say({"type": "message", "text": "same"})
        assert (await socket.next("ack"))["id"] == link.received[-1].message_id
    assert len({one.message_id for one in link.received}) == 2


async def test_messages_of_one_socket_are_handled_in_order_each_after_the_other(chat: WebChat, link: FakeLink) -> None:
    socket = FakeSocket.open(chat)
    await socket.hello()
    link.gate.clear()
    for number in range(5):
        socket.say({"type": "message", "text": str(number), "id": str(number)})
    link.gate.set()
    assert [(await socket.next("ack"))["id"] for _ in range(5)] == list("01234")
    assert [one.text for one in link.received] == list("01234")


async def test_a_message_sent_again_after_a_reconnect_is_taken_once(chat: WebChat, link: FakeLink) -> None:
    socket = FakeSocket.open(chat)
    token = (await socket.hello())["token"]
    link.gate.clear()
    socket.say({"type": "message", "text": "once", "id": "a"})
    await _until_taken_up(socket)
    socket.break_off()
    await socket.over()
    again = FakeSocket.open(chat)
    await again.hello(token)
    again.say({"type": "message", "text": "once", "id": "a"})
    link.gate.set()
    assert (await again.next("ack"))["id"] == "a"
    again.say({"type": "message", "text": "once", "id": "a"})
    assert (await again.next("ack"))["id"] == "a"
    assert [one.text for one in link.received] == ["once"]


async def test_the_same_name_from_another_visitor_is_another_message(chat: WebChat, link: FakeLink) -> None:
    for _ in range(2):
        socket = FakeSocket.open(chat)
        await socket.hello()
        socket.say({"type": "message", "text": "x", "id": "1"})
        await socket.next("ack")
    assert len(link.received) == 2


async def test_a_message_that_could_not_be_handed_over_may_be_sent_again(chat: WebChat, link: FakeLink) -> None:
    socket = FakeSocket.open(chat)
    await socket.hello()
    link.failures.append(RuntimeError("broken"))
    socket.say({"type": "message", "text": "x", "id": "1"})
    assert "again" in (await socket.next("error"))["error"]
    socket.say({"type": "message", "text": "x", "id": "1"})
    await socket.next("ack")
    assert len(link.received) == 1


async def test_malformed_frames_get_an_error_and_the_connection_lives_on(chat: WebChat, link: FakeLink) -> None:
    socket = FakeSocket.open(chat)
    await socket.hello()
    for bad in (b"\xff", "{", "[]", {"type": "dance"}, {"type": "message", "text": " "}, "x" * (LARGEST + 1)):
        socket.say(bad)
        assert (await socket.next("error"))["error"]
    socket.say({"type": "message", "text": "still here"})
    await socket.next("ack")
    assert [one.text for one in link.received] == ["still here"]


async def test_a_flood_is_answered_with_errors_not_with_memory(chat: WebChat, link: FakeLink) -> None:
    socket = FakeSocket.open(chat)
    await socket.hello()
    link.gate.clear()
    for number in range(100):
        socket.say({"type": "message", "text": "x", "id": str(number)})
    assert "faster" in (await socket.next("error"))["error"]
    link.gate.set()


async def test_who_does_not_say_hello_in_time_is_let_go(chat: WebChat, clock: FakeClock) -> None:
    socket = FakeSocket.open(chat)
    socket.say({"type": "message", "text": "no hello"})
    assert "hello" in (await socket.next("error"))["error"]
    await clock.sleeping(10.0)
    await clock.advance(9.9)
    assert socket.close_code is None
    await clock.advance(0.2)
    await socket.next("error")
    await socket.over()
    assert socket.close_code == 1008


async def test_one_visitor_has_a_limited_number_of_tabs(chat: WebChat) -> None:
    tabs = [FakeSocket.open(chat)]
    token = (await tabs[0].hello())["token"]
    for _ in range(MOST_TABS - 1):
        tabs.append(FakeSocket.open(chat))
        await tabs[-1].hello(token)
    one_more = FakeSocket.open(chat)
    one_more.say({"type": "hello", "token": token})
    assert "too many places" in (await one_more.next("error"))["error"]
    await one_more.over()
    assert one_more.close_code == 1008
    tabs[0].break_off()
    await tabs[0].over()
    await FakeSocket.open(chat).hello(token)


async def test_there_is_a_limit_to_all_sockets_and_it_frees_again(chat: WebChat) -> None:
    sockets = [FakeSocket.open(chat) for _ in range(MOST_SOCKETS)]
    await sockets[-1].hello()
    one_more = FakeSocket.open(chat)
    await one_more.next("error")
    await one_more.over()
    assert one_more.close_code == 1013
    sockets[0].break_off()
    await sockets[0].over()
    await FakeSocket.open(chat).hello()


async def test_an_owners_link_works_once(chat: WebChat, link: FakeLink) -> None:
    link.owner_tokens.add("T")
    socket = FakeSocket.open(chat)
    socket.say({"type": "hello", "token": None, "owner": "T"})
    welcome = await socket.next("welcome")
    assert welcome["allowed"] is True
    assert link.redeemed == [welcome["user_id"]]
    thief = FakeSocket.open(chat)
    thief.say({"type": "hello", "token": None, "owner": "T"})
    assert "allowed" not in await thief.next("welcome")
    assert "used once" in (await thief.next("error"))["error"]
    thief.say({"type": "message", "text": "as a stranger"})
    await thief.next("ack")


async def test_an_owners_link_can_be_opened_in_a_page_that_is_already_there(chat: WebChat, link: FakeLink) -> None:
    link.owner_tokens.add("T")
    socket = FakeSocket.open(chat)
    welcome = await socket.hello()
    socket.say({"type": "hello", "token": welcome["token"], "owner": "T"})
    assert await socket.next("welcome") == {**welcome, "allowed": True}
    other = await FakeSocket.open(chat).hello()
    socket.say({"type": "hello", "token": other["token"]})
    assert "another visitor" in (await socket.next("error"))["error"]


async def test_an_allowlist_that_cannot_be_written_leaves_a_stranger_and_a_plain_sentence(chat: WebChat, link: FakeLink) -> None:
    link.failures.append(ConfigError("bots.yaml:1:1: secret details"))
    socket = FakeSocket.open(chat)
    socket.say({"type": "hello", "token": None, "owner": "T"})
    assert "allowed" not in await socket.next("welcome")
    assert "secret details" not in (await socket.next("error"))["error"]


async def _until_taken_up(socket: FakeSocket) -> None:
    """A malformed frame is answered at once, so its error shows that everything before it was read."""
    socket.say("{")
    await socket.next("error")
