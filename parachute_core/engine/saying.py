"""Whatever the bot says that is no answer of the agent: notices, refusals, pairing messages. Kept first, then brought out."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from parachute_core.engine import texts
from parachute_core.engine.deliveries import Deliveries
from parachute_core.engine.outbound import Outbound, new_key
from parachute_core.engine.posting import Posting
from parachute_core.model.errors import SendError, Withheld
from parachute_core.model.message import ChatRef
from parachute_core.model.outgoing import CHAT_ITSELF, MOST_IN_A_ROW, MOST_ROWS, Buttons, Outgoing, Place, Purpose, SendKind
from parachute_core.model.parcel import Grant, Parcel
from parachute_core.store.group_commit import Statement

MOST_WAITING = 100
"""Parcels of one chat that may wait; notices on top of them are not said."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Origin:
    """What something is said for."""

    inbox: int | None = None
    """The number of the message that it answers."""
    last: bool = False
    """Whether the message is settled with it."""
    session_id: str | None = None
    grant: Grant | None = None
    """On whose behalf; None: it is the bot's own word, and may always leave."""
    mark: str | None = None
    """See `Parcel.mark`."""


NOTHING = Origin()


class Voice:
    """Says texts, each cut to the platform's limit. The `Notifier` that plugins are given."""

    def __init__(self, outbound: Outbound, deliveries: Deliveries) -> None:
        self._outbound = outbound
        self._deliveries = deliveries

    async def send(self, chat: ChatRef, text: str, purpose: Purpose, buttons: Buttons = ()) -> None:
        """See `Notifier.send`."""
        if len(buttons) > MOST_ROWS or any(len(row) > MOST_IN_A_ROW for row in buttons):
            raise ValueError(f"there may be {MOST_ROWS} rows of {MOST_IN_A_ROW} buttons")
        if buttons and not self._outbound.outlet(chat.platform).traits.buttons:
            text = "\n".join([text, "", *(" · ".join(f"{one.label}: {one.says}" for one in row) for row in buttons)])
            buttons = ()
        parcels = self.parcels(chat, text, purpose)
        last = parcels[-1]
        parcels[-1] = replace(last, outgoing=replace(last.outgoing, buttons=buttons))
        await self._deliveries.post(*parcels)

    async def say(
        self,
        chat: ChatRef,
        text: str,
        place: Place = CHAT_ITSELF,
        origin: Origin = NOTHING,
        also: Sequence[Statement] = (),
    ) -> Posting | None:
        """Post a notice, with what is `also` to be written; returns once it is kept. None: too much waits for the chat, and it is not said.

        What ends a turn is always said, and waited for when the store takes nothing. Else raises `StoreError`; `UnknownPlatform`.
        """
        if not origin.last and self._deliveries.waiting(chat) >= MOST_WAITING:
            log.warning("too many notices wait for a chat", extra={"platform": chat.platform, "chat_id": chat.chat_id})
            await self._deliveries.note(*also)
            return None
        return await self._deliveries.post(*self.parcels(chat, text, Purpose.NOTICE, place, origin), also=also, insist=origin.last)

    def parcels(self, chat: ChatRef, text: str, purpose: Purpose, place: Place = CHAT_ITSELF, origin: Origin = NOTHING) -> list[Parcel]:
        """The parcels of a text, in order. Raises `UnknownPlatform`."""
        outlet, whole = self._outbound.outlet(chat.platform), new_key()
        parts = outlet.parts(self._outbound.redacted(text))
        return [
            Parcel(
                Outgoing(
                    platform=chat.platform,
                    chat_id=chat.chat_id,
                    kind=SendKind.MESSAGE,
                    purpose=purpose,
                    key=f"{whole}.{number}",
                    text=part,
                    part=number,
                    session_id=origin.session_id,
                    place=place if number == 0 else place.unquoted,
                    idempotent=outlet.traits.idempotent_messages,
                ),
                whole=whole,
                inbox=origin.inbox,
                last=origin.last and number == len(parts) - 1,
                grant=origin.grant,
                mark=origin.mark if number == 0 else None,
            )
            for number, part in enumerate(parts)
        ]

    def of_loss(self, parcel: Parcel, error: SendError) -> list[Parcel]:
        """What is said when a parcel does not arrive: a withheld one's own word, or that the rest of an answer is missing."""
        outgoing = parcel.outgoing
        if isinstance(error, Withheld):
            said = error.reply
        else:
            begun = outgoing.purpose is Purpose.REPLY and (outgoing.part > 0 or parcel.edits is not None)
            said = texts.INCOMPLETE if begun else None
        return self.parcels(outgoing.chat, said, Purpose.NOTICE, outgoing.place.unquoted) if said else []
