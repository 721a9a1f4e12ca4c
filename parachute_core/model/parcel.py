"""What waits to be delivered, frozen, so that it can be kept over a crash."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from parachute_core.model.message import ChatRef, ChatType
from parachute_core.model.outgoing import Outgoing


class ParcelState(StrEnum):
    """What became of a parcel so far."""

    QUEUED = "queued"
    """Waits for its turn, its time, or its platform."""
    SENDING = "sending"
    """A call is under way, or was when the process died: it may have arrived."""
    SENT = "sent"
    HELD = "held"
    """Waits for the owner's decision."""
    DEAD = "dead"
    """Given up; the owner may have it sent all the same."""
    DISCARDED = "discarded"
    """Shall not arrive any more."""

    @property
    def open(self) -> bool:
        """Whether it is still on its way by itself."""
        return self in (ParcelState.QUEUED, ParcelState.SENDING)


@dataclass(frozen=True, slots=True)
class Grant:
    """On whose behalf something is done: good for as long as the user's generation is this one."""

    user_id: str
    generation: int
    chat_type: ChatType


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a fence put an end to."""

    turns: int
    """Messages whose answer was being made, or that waited for one."""
    replies: int
    """Answers that were not delivered yet."""

    @property
    def in_words(self) -> str:
        """The same for people."""
        return f"stopped: {self.turns} answers in the making, {self.replies} not delivered yet"


NOTHING_STOPPED = Stopped(0, 0)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the session is to remember once the answer has arrived."""

    session_id: str
    question: str = field(repr=False)
    answer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One call for the platform, and what it belongs to."""

    outgoing: Outgoing
    whole: str
    """The same for all parts of one text; when one of them is lost, those behind it are."""
    inbox: int | None = None
    """The number of the message that it answers."""
    last: bool = False
    """True: once it is through, that message is settled."""
    edits: int | None = None
    """EDIT: the id of the parcel whose message it changes."""
    grant: Grant | None = None
    exchange: Exchange | None = None
    mark: str | None = None
    """Of a remark beside the answer: tells what it said from what others said, when its text is gone; holds nothing of it."""


@dataclass(slots=True)
class Kept:
    """A parcel in the outbox, and how it fares."""

    id: int
    parcel: Parcel
    state: ParcelState
    created_at: datetime
    tries: int = 0
    unknown: bool = False
    resent: bool = False
    realm: str | None = None
    """The realm of the platform that it was tried in first."""
    unknown_since: float | None = None
    """`unknown`: monotonic seconds of the first call that may have arrived; None: that was another parcel's, with another key."""
    not_before: datetime | None = None
    asked: bool = False
    """Whether it was the platform that asked for this wait."""
    receipt: str | None = None
    error: str | None = None
    """The class of the error that it waits or died for."""
    reason: str | None = None
    """The same in words; never content."""

    @property
    def chat(self) -> ChatRef:
        """Where it goes."""
        return self.parcel.outgoing.chat
