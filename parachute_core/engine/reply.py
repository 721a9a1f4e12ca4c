"""One answer on its way into a chat: shown while it is written where the platform can edit, and cut where it is too long."""

from parachute_core.clock import Clock
from parachute_core.engine.outbound import Outbound, new_key
from parachute_core.model.errors import SendError, Withheld
from parachute_core.model.message import ChatRef
from parachute_core.model.outgoing import Outgoing, Place, Purpose, SendKind
from parachute_core.model.session import Session


class Reply:
    """Collects the text of an answer and brings it into the chat. Every call goes through the layers of the way out."""

    def __init__(self, outbound: Outbound, session: Session, chat: ChatRef, place: Place, clock: Clock) -> None:
        self._outbound = outbound
        self._outlet = outbound.outlet(chat.platform)
        self._session_id = session.id
        self._chat = chat
        self._place = place
        self._clock = clock
        self._key = new_key()
        self._edits = 0
        self._shown_id: str | None = None
        self._shown_at: float | None = None
        self.text = ""
        self.begun = False
        """Whether a part of it is in the chat."""

    async def write(self, delta: str) -> None:
        """Take more text; show what there is when the platform's pace allows. Raises `Withheld`; other failures wait for `finish`."""
        self.text += delta
        interval = self._outlet.traits.edit_interval
        if interval is None or not self.text.strip():
            return
        now = self._clock.monotonic()
        if self._shown_at is None:
            self._shown_at = now  # an answer that is complete within one interval is sent once, whole
        elif now - self._shown_at >= interval:
            self._shown_at = now
            await self._show_progress()

    async def finish(self) -> None:
        """Bring the whole answer into the chat, each part once.

        Raises `SendError` at the first part that fails; what was delivered stays as it is.
        """
        for number, part in enumerate(self._outlet.parts(self.text)):
            if number == 0 and self._shown_id is not None:
                await self._edit(part, final=True)
            else:
                await self._message(part, number, final=True)

    async def _show_progress(self) -> None:
        first = self._outlet.parts(self.text)[0]
        try:
            if self._shown_id is None:
                await self._message(first, 0, final=False)
            else:
                await self._edit(first, final=False)
        except Withheld:
            raise
        except SendError:
            return  # recorded on the way out; the final text is still to come

    async def _message(self, text: str, number: int, *, final: bool) -> None:
        receipt = await self._outbound.dispatch(
            self._outgoing(SendKind.MESSAGE, f"{self._key}.{number}", text, number, final, self._outlet.traits.idempotent_messages)
        )
        self.begun = True
        if number == 0:
            self._shown_id = receipt.message_id

    async def _edit(self, text: str, *, final: bool) -> None:
        self._edits += 1
        await self._outbound.dispatch(self._outgoing(SendKind.EDIT, f"{self._key}.e{self._edits}", text, 0, final, True))

    def _outgoing(self, kind: SendKind, key: str, text: str, part: int, final: bool, idempotent: bool) -> Outgoing:
        return Outgoing(
            platform=self._chat.platform,
            chat_id=self._chat.chat_id,
            kind=kind,
            purpose=Purpose.REPLY,
            key=key,
            text=text,
            target_id=self._shown_id if kind is SendKind.EDIT else None,
            part=part,
            final=final,
            session_id=self._session_id,
            place=self._place if part == 0 else self._place.unquoted,
            idempotent=idempotent,
        )
