"""The owner's word on single deliveries: bring it out again, or let it be."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from parachute_core.engine.attempts import decision_on
from parachute_core.engine.deliveries import Deliveries
from parachute_core.engine.ledger import Ledger
from parachute_core.model.decision import Decision, What
from parachute_core.model.errors import Undecidable, UnknownDelivery
from parachute_core.model.parcel import Grant, Kept, Parcel, ParcelState
from parachute_core.store.group_commit import Statement
from parachute_core.store.outbox import Facts, Outbox
from parachute_core.store.sessions import SessionStore

BY_OWNER = "the owner discarded it"
STOPPED = (ParcelState.HELD, ParcelState.DEAD)


@dataclass(frozen=True, slots=True)
class OwnerParts:
    """What the owner's word is carried out with."""

    deliveries: Deliveries
    outbox: Outbox
    ledger: Ledger
    sessions: SessionStore
    stands: Callable[[str, Grant], bool]
    """Whether a grant on a platform is still good."""
    settled: Callable[[Parcel], Sequence[Statement]]
    """What is written when a parcel is through, in whatever way."""
    recorded: Callable[[Decision], Statement]
    """What puts a decision on record."""


class OwnersWord:
    """One word at a time: of two that come at once the later one meets what the earlier one did."""

    def __init__(self, parts: OwnerParts) -> None:
        self._parts = parts
        self._lock = asyncio.Lock()

    async def retry(self, number: int) -> None:
        """Bring out what is held or dead once more, behind what waits for its chat; returns before it is tried.

        It goes out plainly, without a label, and as if it had not been tried: that it may be there twice then is what the owner
        decided. A caller must not be cancelled meanwhile. Raises `UnknownDelivery`, `Undecidable`, `StoreError`.
        """
        async with self._lock:
            facts = self._facts(number)
            if facts.state not in STOPPED:
                raise Undecidable(f"delivery {number} is {_shown(facts.state)}; only one that is held or dead is sent again")
            kept = self._parts.outbox.get(number)
            if kept is None:
                raise Undecidable(f"the text of delivery {number} is gone, so it cannot be sent again")
            # From here to its place in the queue nobody else gets a turn, so whatever ends access or session finds it there.
            await self._require_good(kept)
            row = self._parts.recorded(decision_on(What.DELIVERY_RETRIED, kept, None, f"it was {facts.state}"))
            await self._parts.deliveries.revive(kept, [row])

    async def discard(self, number: int) -> None:
        """It shall not arrive any more; one that is under way is stopped at its next repetition.

        What belongs to it and waits behind it goes with it. A caller must not be cancelled meanwhile. Raises `UnknownDelivery`,
        `Undecidable`, `StoreError`.
        """
        parts = self._parts
        async with self._lock:
            facts = self._facts(number)
            row = parts.recorded(Decision(What.DELIVERY_DISCARDED, None, *facts.chat, delivery=number, why=f"it was {_shown(facts.state)}"))
            if facts.state.open:
                if await parts.deliveries.discard_one(number, BY_OWNER, [row]):
                    return
                if parts.deliveries.is_open(facts.chat.platform):
                    raise Undecidable(f"what became of delivery {number} is being written down at this moment; look at it again")
            elif facts.state not in STOPPED:
                raise Undecidable(f"delivery {number} is {_shown(facts.state)}; there is nothing to discard")
            kept = parts.outbox.get(number)
            settled = parts.settled(kept.parcel) if kept is not None else ()
            await parts.ledger.write(parts.outbox.drop(number, BY_OWNER), *settled, beside=[row])
            await parts.deliveries.discard_one(number, BY_OWNER)  # a connector that was started meanwhile took it up

    def _facts(self, number: int) -> Facts:
        facts = self._parts.outbox.facts(number)
        if facts is None:
            raise UnknownDelivery(f"there is no delivery {number}")
        return facts

    async def _require_good(self, kept: Kept) -> None:
        parcel, parts = kept.parcel, self._parts
        if parcel.grant is not None and not parts.stands(kept.chat.platform, parcel.grant):
            raise Undecidable(f"delivery {kept.id} was made for a user whose access has ended")
        if parcel.outgoing.session_id is not None:
            session = await parts.sessions.get(parcel.outgoing.session_id)
            if session is None or session.archived:
                raise Undecidable(f"delivery {kept.id} belongs to a session that has ended")


def _shown(state: ParcelState) -> str:
    return ParcelState.QUEUED.value if state.open else state.value
