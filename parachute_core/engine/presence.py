"""What a user sees of a turn besides its answer: the message was taken, an answer is being made."""

import contextlib

from parachute_core.engine.outbound import Outbound, new_key
from parachute_core.model.errors import SendError, Withheld
from parachute_core.model.message import Inbound
from parachute_core.model.outgoing import Outgoing, Place, Purpose, SendKind
from parachute_core.model.session import Session


class Presence:
    """Cosmetic calls: their failure is nobody's business, but a layer that withholds the first of them ends the turn."""

    def __init__(self, outbound: Outbound, message: Inbound) -> None:
        self._outbound = outbound
        self._message = message

    async def begin(self, session: Session, *, ack: bool) -> None:
        """Show that the message was taken and that an answer is being made. Raises `Withheld`."""
        await self._call(SendKind.TYPING, session.id, final=False)
        if ack:
            await self._call(SendKind.ACK, session.id, final=True)

    async def end(self) -> None:
        """No answer is being made any more. Belongs to no session, so that it gets through when the session has ended."""
        with contextlib.suppress(SendError):
            await self._call(SendKind.TYPING, None, final=True)

    async def _call(self, kind: SendKind, session_id: str | None, *, final: bool) -> None:
        outgoing = Outgoing(
            platform=self._message.platform,
            chat_id=self._message.chat_id,
            kind=kind,
            purpose=Purpose.REPLY,
            key=new_key(),
            target_id=self._message.message_id if kind is SendKind.ACK else None,
            final=final,
            session_id=session_id,
            sender_id=self._message.user_id,
            place=Place(None, self._message.thread_id),
            idempotent=True,
        )
        try:
            await self._outbound.dispatch(outgoing)
        except Withheld:
            raise
        except SendError:
            return
