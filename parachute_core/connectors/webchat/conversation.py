"""What is said on one socket: the hello, then messages, handled in the order in which they came."""

import asyncio

from parachute_core.clock import Clock, within
from parachute_core.connectors.webchat.desk import Desk
from parachute_core.connectors.webchat.frames import Hello, Malformed, Said, error, read, welcome
from parachute_core.connectors.webchat.identity import Identities, Visitor
from parachute_core.connectors.webchat.rooms import Rooms
from parachute_core.connectors.webchat.sockets import POLICY, Disconnected, Socket, Tab
from parachute_core.model.errors import ParachuteError

HELLO_WITHIN = 10.0
"""Seconds that a new socket has to say hello."""
INBOX = 32
"""Frames of one socket that may wait to be handled."""
ALIVE = "accepting visitors"

NO_HELLO = "No hello came in time."
HELLO_FIRST = 'Say hello first: {"type": "hello", "token": null}.'
TOO_FAST = "That is faster than messages can be taken. Please wait a moment and send it again."
TOO_MANY_TABS = "You have this chat open in too many places. Close one and try again."
FORGOTTEN = "Your earlier identity is not known here, so you are a new visitor now. The owner may have to approve you again."
OTHER_VISITOR = "This connection belongs to another visitor; open a new one."
LINK_USED = "This owner's link does not work any more: it can be used once. The bot prints a new one when it starts."
LINK_FAILED = "The owner's link could not be used; the bot's log says why."


class Conversation:
    """One socket's conversation."""

    def __init__(self, *, tab: Tab, desk: Desk, clock: Clock, identities: Identities, rooms: Rooms) -> None:
        self.visitor: Visitor | None = None
        """Who it is with; None until the hello."""
        self._tab = tab
        self._desk = desk
        self._clock = clock
        self._identities = identities
        self._rooms = rooms
        self._inbox: asyncio.Queue[Hello | Said] = asyncio.Queue(INBOX)

    async def listen(self, socket: Socket) -> None:
        """Handle what the client says until it disconnects."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read(socket))
                group.create_task(self._answer())
        except* Disconnected:
            pass

    async def _read(self, socket: Socket) -> None:
        # Apart from the handling, so that a closed socket is noticed at once and what a flood piles up is bounded here.
        while True:
            raw = await socket.receive()
            try:
                self._inbox.put_nowait(read(raw))
            except Malformed as problem:
                self._tab.offer(error(str(problem)))
            except asyncio.QueueFull:
                self._tab.offer(error(TOO_FAST))

    async def _answer(self) -> None:
        try:
            hello = await within(self._clock, HELLO_WITHIN, self._first_hello())
        except TimeoutError:
            self._turn_away(NO_HELLO)
            return
        await self._greet(hello)
        while self.visitor is not None:
            match await self._inbox.get():
                case Hello() as again:
                    await self._greet(again)
                case Said() as said:
                    await self._desk.take(self.visitor.user_id, said, self._tab)

    async def _first_hello(self) -> Hello:
        while not isinstance(frame := await self._inbox.get(), Hello):
            self._tab.offer(error(HELLO_FIRST))
        return frame

    async def _greet(self, hello: Hello) -> None:
        """Welcome a visitor; a further hello of the same one brings an owner's link to an open page."""
        known = None if hello.token is None else self._identities.recognise(hello.token)
        if self.visitor and hello.token is not None and known != self.visitor:
            self._tab.offer(error(OTHER_VISITOR))
            return
        visitor = self.visitor or known or self._identities.create()
        allowed, problem = await self._redeem(visitor, hello.owner)
        if not self._rooms.enter(visitor.user_id, self._tab):
            self._turn_away(TOO_MANY_TABS)
            return
        self.visitor = visitor
        self._desk.link.prove(ALIVE)
        self._tab.offer(welcome(visitor, allowed=allowed))
        if hello.token is not None and known is None:
            self._tab.offer(error(FORGOTTEN))
        if problem:
            self._tab.offer(error(problem))
        await self._desk.link.reachable(visitor.user_id)

    async def _redeem(self, visitor: Visitor, owner: str | None) -> tuple[bool, str | None]:
        if owner is None:
            return False, None
        try:
            allowed = await self._desk.redeem(visitor.user_id, owner)
        except ParachuteError as problem:
            self._desk.report(problem)
            return False, LINK_FAILED
        return allowed, None if allowed else LINK_USED

    def _turn_away(self, sentence: str) -> None:
        self._tab.offer(error(sentence))
        self._tab.close(POLICY)
