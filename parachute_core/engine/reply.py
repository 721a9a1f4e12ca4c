"""One answer on its way into a chat: shown while it is written where the platform can edit, and cut where it is too long."""

from parachute_core.clock import Clock
from parachute_core.engine.deliveries import Deliveries
from parachute_core.engine.outbound import Outbound, new_key
from parachute_core.engine.posting import Fate, Outcome
from parachute_core.model.errors import SendError, StoreError, Withheld
from parachute_core.model.outgoing import SENT_AGAIN, Outgoing, Place, Purpose, SendKind
from parachute_core.model.parcel import Exchange, Grant, Parcel, ParcelState
from parachute_core.store.inbox import Taken
from parachute_core.store.outbox import Outbox


class Reply:
    """Collects the text of an answer and brings it into the chat. Every part is kept before it leaves."""

    def __init__(
        self,
        outbound: Outbound,
        deliveries: Deliveries,
        outbox: Outbox,
        taken: Taken,
        place: Place,
        grant: Grant,
        session_id: str,
        clock: Clock,
    ) -> None:
        self._outbound = outbound
        self._deliveries = deliveries
        self._outbox = outbox
        self._outlet = outbound.outlet(taken.message.platform)
        self._chat = taken.message.chat
        self._place = place
        self._grant = grant
        self._inbox = taken.number
        self._session_id = session_id
        self._clock = clock
        self._key = new_key()
        self._edits = 0
        self._begun: int | None = None
        self._doubtful = False
        self._shown_at: float | None = None
        self.text = ""

    async def take_up(self) -> None:
        """Go on with what an earlier try of the turn brought into the chat. Raises `StoreError`."""
        stale = False
        for begun in self._outbox.begun(self._inbox):
            if begun.state is ParcelState.SENT or (begun.state.open and self._outlet.traits.idempotent_messages):
                self._begun = begun.id
            else:
                stale |= begun.state.open
                self._doubtful |= begun.doubtful
        if stale:
            await self._deliveries.discard(self._stale, "the answer is made anew")

    async def write(self, delta: str) -> None:
        """Take more text; show what there is when the platform's pace allows. Raises `Withheld`, `StoreError`."""
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

    async def finish(self, exchange: Exchange | None, trouble: str | None) -> Outcome:
        """Keep the whole answer and bring it into the chat, each part once; returns what became of it.

        `exchange`: what the session remembers of it once it is there; None: nothing. `trouble`: a sentence that follows it, when it is
        not complete.
        """
        if self._begun is None and self._shown_at is not None:
            # The turn may have been cut off just while its first words were being kept.
            self._begun = next((one.id for one in self._outbox.begun(self._inbox) if one.state.open or one.state is ParcelState.SENT), None)
        texts = [*self._parts(), *([trouble] if trouble else [])]
        parcels = [self._part(text, number, last=number == len(texts) - 1, exchange=exchange) for number, text in enumerate(texts)]
        posting = await self._deliveries.post(*parcels, unknown=self._doubtful and self._begun is None, insist=True)
        return await posting.outcome()

    async def _show_progress(self) -> None:
        first = self._parts()[0]
        if self._begun is None:
            parcel = Parcel(self._message(first, 0, final=False), self._key, self._inbox, grant=self._grant)
            try:
                posting = await self._deliveries.post(parcel, unknown=self._doubtful)
            except StoreError:
                return  # nothing was shown; the whole answer is kept as soon as the store takes something
            self._begun = posting.ids[0]
            outcome = await posting.outcome()
            if outcome.fate is Fate.WITHHELD and isinstance(outcome.error, Withheld):
                raise outcome.error
            return
        begun = self._outbox.fared(self._begun)
        if begun is not None and begun.state is ParcelState.SENT and begun.receipt is not None:
            shown = SENT_AGAIN + first if begun.labelled else first
            try:
                await self._outbound.dispatch(self._edit(shown, begun.receipt, final=False))
            except Withheld:
                raise
            except SendError:
                return  # the final text is still to come

    def _stale(self, parcel: Parcel) -> bool:
        return parcel.inbox == self._inbox and parcel.outgoing.purpose is Purpose.REPLY

    def _parts(self) -> list[str]:
        return self._outlet.parts(self._outbound.redacted(self.text))

    def _part(self, text: str, number: int, *, last: bool, exchange: Exchange | None) -> Parcel:
        changes = self._begun if number == 0 else None
        outgoing = self._message(text, number, final=True) if changes is None else self._edit(text, None, final=True)
        return Parcel(outgoing, self._key, self._inbox, last, changes, self._grant, exchange if last else None)

    def _message(self, text: str, number: int, *, final: bool) -> Outgoing:
        place = self._place if number == 0 else self._place.unquoted
        return self._outgoing(
            SendKind.MESSAGE, f"{self._key}.{number}", text, None, number, final, place, self._outlet.traits.idempotent_messages
        )

    def _edit(self, text: str, target: str | None, *, final: bool) -> Outgoing:
        self._edits += 1
        return self._outgoing(SendKind.EDIT, f"{self._key}.e{self._edits}", text, target, 0, final, self._place, True)

    def _outgoing(
        self, kind: SendKind, key: str, text: str, target: str | None, part: int, final: bool, place: Place, idempotent: bool
    ) -> Outgoing:
        return Outgoing(
            platform=self._chat.platform,
            chat_id=self._chat.chat_id,
            kind=kind,
            purpose=Purpose.REPLY,
            key=key,
            text=text,
            target_id=target,
            part=part,
            final=final,
            session_id=self._session_id,
            place=place,
            idempotent=idempotent,
        )
