"""One parcel through the layers to its platform, with what happened to it before, and judged anew at each repetition."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from parachute_core.clock import Clock
from parachute_core.engine.ledger import Ledger
from parachute_core.hooks.shapes import Send
from parachute_core.model.errors import Ambiguous, NotDelivered, Rejected, Withheld
from parachute_core.model.message import ChatRef
from parachute_core.model.outgoing import SENT_AGAIN, Earlier, Outgoing, Receipt, SendKind
from parachute_core.model.parcel import Grant, Kept, ParcelState
from parachute_core.model.traits import Traits
from parachute_core.store.outbox import Outbox

NO_LONGER = "the user's access ended"


class Dispatcher:
    """Knows which parcels are under way, so that what their layers do with them can be counted."""

    def __init__(
        self,
        outbox: Outbox,
        ledger: Ledger,
        clock: Clock,
        stands: Callable[[str, Grant], bool],
        traits: Callable[[str], Traits],
    ) -> None:
        self._outbox = outbox
        self._ledger = ledger
        self._clock = clock
        self._stands = stands
        """Whether a grant on a platform is still good."""
        self._traits = traits
        self.free: Callable[[ChatRef], bool] = lambda _chat: False
        """Whether a call to a chat would be made at once, as far as its platform's budget goes."""
        self.close: Callable[[ChatRef, float], None] = lambda _chat, _seconds: None
        """Makes no call to a chat for so many seconds; to none of the platform where that counts all chats together."""
        self._chain: Send | None = None
        self._under_way: dict[str, Kept] = {}

    def through(self, chain: Send, free: Callable[[ChatRef], bool], close: Callable[[ChatRef, float], None]) -> None:
        """Where parcels enter the layers of their platform, and its budget."""
        self._chain, self.free, self.close = chain, free, close

    def begin(self, kept: Kept) -> None:
        """Its first call is about to be made: from now on it may have arrived."""
        kept.state = ParcelState.SENDING
        kept.realm = kept.realm or self._traits(kept.parcel.outgoing.platform).realm

    def void(self, kept: Kept) -> str | None:
        """Why a parcel shall not arrive any more, or None."""
        if kept.state is ParcelState.DISCARDED:
            return kept.reason or NO_LONGER
        grant = kept.parcel.grant
        return None if grant is None or self._stands(kept.parcel.outgoing.platform, grant) else NO_LONGER

    async def send(self, kept: Kept) -> Receipt:
        """Make the call. Raises `SendError`."""
        assert self._chain is not None  # noqa: S101 - assembled before anything is posted
        outgoing = self._outgoing(kept)
        self._under_way[outgoing.key] = kept
        try:
            return await self._chain(outgoing)
        finally:
            del self._under_way[outgoing.key]

    async def raw(self, send: Send, outgoing: Outgoing) -> Receipt:
        """The innermost layer: one call of the platform, counted. Raises `SendError`."""
        kept = self._under_way.get(outgoing.key.removesuffix("r") if outgoing.again else outgoing.key)
        if kept is None:
            return await send(outgoing)
        self._judge(kept)
        if kept.unknown and not outgoing.again and not (outgoing.idempotent and self._recognised(kept, outgoing)):
            raise Ambiguous("an earlier try may have arrived")
        if outgoing.again or kept.state is ParcelState.QUEUED:
            # Before the first byte: after a crash nobody else could tell that it may have arrived.
            kept.resent |= outgoing.again
            self.begin(kept)
            await self._ledger.insist(self._outbox.change(kept))
            self._judge(kept)
        kept.tries += 1
        before = kept.unknown, kept.unknown_since
        if not kept.unknown:  # whatever comes of it, but for a proof of the contrary
            kept.unknown, kept.unknown_since = True, self._clock.monotonic()
        try:
            return await send(outgoing)
        except (NotDelivered, Rejected) as error:
            kept.unknown, kept.unknown_since = before
            kept.resent = False
            if isinstance(error, NotDelivered) and kept.state is ParcelState.SENDING:
                # However long a layer waits now: it has not arrived, and is not to come yet, also for whoever reads this after a crash.
                kept.state = ParcelState.QUEUED
                kept.asked = bool(error.retry_after)
                kept.not_before = self._clock.now() + timedelta(seconds=error.retry_after) if error.retry_after else None
                await self._ledger.insist(self._outbox.change(kept))
            raise

    def _judge(self, kept: Kept) -> None:
        if (why := self.void(kept)) is not None:
            raise Withheld(why)

    def _outgoing(self, kept: Kept) -> Outgoing:
        outgoing = self._addressed(kept)
        earlier = Earlier(kept.tries, self._since(kept.created_at), kept.unknown, kept.resent)
        return replace(outgoing, earlier=earlier, idempotent=outgoing.idempotent and self._recognised(kept, outgoing))

    def _recognised(self, kept: Kept, outgoing: Outgoing) -> bool:
        """Whether the platform still knows a call that may have arrived."""
        if outgoing.kind is SendKind.EDIT or not kept.unknown:
            return True
        traits = self._traits(outgoing.platform)
        if kept.unknown_since is None or (kept.realm is not None and kept.realm != traits.realm):
            return False
        return traits.idempotent_seconds is None or self._clock.monotonic() - kept.unknown_since < traits.idempotent_seconds

    def _since(self, at: datetime) -> float:
        return max(0.0, (self._clock.now() - at).total_seconds())

    def _addressed(self, kept: Kept) -> Outgoing:
        """An edit of a message that has no id, since it never arrived, is a message of its own. A label stays where it is."""
        outgoing, edits = kept.parcel.outgoing, kept.parcel.edits
        if edits is None:
            return outgoing
        begun = self._outbox.fared(edits)
        if begun is not None and begun.state is ParcelState.SENT and begun.receipt is not None:
            return replace(outgoing, target_id=begun.receipt, text=SENT_AGAIN + outgoing.text if begun.labelled else outgoing.text)
        kept.unknown |= begun is not None and begun.doubtful
        recognised = self._traits(outgoing.platform).idempotent_messages
        return replace(outgoing, kind=SendKind.MESSAGE, target_id=None, idempotent=recognised)
