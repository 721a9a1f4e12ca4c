"""The web chat: a platform of the bot's own, whose visitors need no account. It knows sockets, not the server behind them."""

import asyncio
import contextlib
from collections.abc import Mapping

from parachute_core.connectors.base import Connector, ConnectorContext, Link
from parachute_core.connectors.webchat.conversation import ALIVE, Conversation
from parachute_core.connectors.webchat.desk import Desk
from parachute_core.connectors.webchat.frames import error, outgoing_frame
from parachute_core.connectors.webchat.identity import Identities
from parachute_core.connectors.webchat.rooms import Rooms
from parachute_core.connectors.webchat.sockets import RESTART, TRY_LATER, Disconnected, Fate, Socket, Tab, best_fate
from parachute_core.connectors.webchat.taken import Taken
from parachute_core.model.errors import Ambiguous, NotDelivered, Unreachable
from parachute_core.model.outgoing import Outgoing, Receipt, SendKind
from parachute_core.model.traits import Traits

MAX_LENGTH = 16_000
"""Characters of one message: in UTF-8 at most 64,000 bytes, so that an answer is no larger than what clients may send."""
EDIT_INTERVAL = 0.3
"""Seconds between two edits: reads as fluent writing, and costs a server of our own next to nothing."""

SWITCHED_OFF = "The chat is switched off at the moment."
NO_ROOM = "Too many visitors are here at the moment. Please try again later."


class WebChat(Connector):
    """The running web chat. Whoever serves WebSockets hands each one to `serve`."""

    traits = Traits(max_length=MAX_LENGTH, edit_interval=EDIT_INTERVAL, idempotent_messages=True)

    def __init__(self, context: ConnectorContext) -> None:
        self._context = context
        self._identities = Identities(context.secret)
        self._rooms = Rooms()
        self._taken = Taken()
        self._desk: Desk | None = None

    async def run(self, link: Link) -> None:
        """See `Connector.run`: alive from the start, since the server that listens for visitors is this bot's own."""
        context = self._context
        desk = Desk(platform=context.platform, link=link, clock=context.clock, logger=context.logger, rooms=self._rooms, taken=self._taken)
        self._desk = desk
        link.prove(ALIVE)
        try:
            await asyncio.Event().wait()
        finally:
            self._desk = None
            for tab in self._rooms:
                tab.close(RESTART)
            await desk.close()

    async def serve(self, socket: Socket) -> None:
        """Hold the conversation of one WebSocket that is open; returns when it is closed. Raises nothing for a client's fault.

        May be cancelled at any time, for instance because the server saw the client go.
        """
        if (desk := self._desk) is None:
            await turn_away(socket, SWITCHED_OFF)
            return
        tab = Tab(socket, self._context.clock)
        if not self._rooms.admit(tab):
            await turn_away(socket, NO_ROOM)
            return
        conversation = Conversation(tab=tab, desk=desk, clock=self._context.clock, identities=self._identities, rooms=self._rooms)
        try:
            await tab.carry(conversation.listen(socket))
        except Exception:  # one socket's failure must not reach the server or the other visitors
            self._context.logger.exception("a web chat connection failed", extra={"platform": self._context.platform})
        finally:
            self._rooms.leave(conversation.visitor.user_id if conversation.visitor else None, tab)

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See `Connector.send`: taken as soon as one of the visitor's tabs took it."""
        if self._desk is None:
            raise NotDelivered("the chat is stopped")
        tabs = self._rooms.tabs_of(outgoing.chat_id)
        if not tabs:
            raise Unreachable("the visitor has no open page")
        if outgoing.kind is SendKind.ACK and outgoing.target_id is not None:
            self._desk.acknowledge(outgoing.chat_id, outgoing.target_id)
            return Receipt()
        frame, message_id = outgoing_frame(outgoing)
        fates = [tab.offer(frame) for tab in tabs]
        if outgoing.kind.cosmetic:
            return Receipt()
        match await best_fate(fates):
            case Fate.UNKNOWN:
                raise Ambiguous("the connection broke while the page was being told")
            case Fate.LOST:
                raise NotDelivered("the connection closed before the page was told")
            case Fate.TAKEN:
                return Receipt(message_id)

    async def test(self) -> Mapping[str, str]:
        """See `Connector.test`: there are no credentials that could be wrong."""
        return {"bot_name": "web chat"}


async def turn_away(socket: Socket, sentence: str) -> None:
    """Say why this client cannot be served now, and close so that it tries again later."""
    with contextlib.suppress(Disconnected):
        await socket.send(error(sentence))
        await socket.close(TRY_LATER)
