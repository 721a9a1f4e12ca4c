"""What goes out to a platform, and what comes back for it."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from parachute_core.model.message import ChatRef


class SendKind(StrEnum):
    """Which call of the platform it is."""

    MESSAGE = "message"
    EDIT = "edit"
    ACK = "ack"
    """Mark the user's message `target_id` as taken."""
    TYPING = "typing"
    """Show that an answer is being made; an empty `text` and `final=True` ends it."""

    @property
    def cosmetic(self) -> bool:
        """True where a lost call costs the user nothing: never retried, never recorded as a failure."""
        return self in (SendKind.ACK, SendKind.TYPING)


class Purpose(StrEnum):
    """Why it is sent."""

    REPLY = "reply"
    NOTICE = "notice"
    PAIRING = "pairing"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a chat something is shown."""

    reply_to: str | None = None
    """The user's message that it is a reply to, by `Inbound.message_id`. One that the platform cannot find is no reason not to show it."""
    thread_id: str | None = None
    """See `Inbound.thread_id`."""

    @property
    def unquoted(self) -> "Place":
        """The same thread, without being a reply: for what follows the first part."""
        return Place(None, self.thread_id)


CHAT_ITSELF = Place()
"""Plainly in the chat."""


SENT_AGAIN = "(sent again) "
"""Stands before a message that may be in the chat already, on a platform that cannot recognise a repetition."""


LONGEST_LABEL, LONGEST_WORD = 40, 64
"""Characters of a button's label, and bytes of what it says in UTF-8 (what Telegram takes as `callback_data`)."""
MOST_IN_A_ROW, MOST_ROWS = 5, 5
"""What Discord shows under one message."""


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press under a message. Raises `ValueError` for a label or a word that is empty or too long."""

    label: str
    """What stands on it: at most 40 characters. Nothing that a stranger chose."""
    says: str
    """What whoever presses it says with it, as if it were typed: at most 64 bytes in UTF-8. Anybody can send anything as this."""

    def __post_init__(self) -> None:
        if not 0 < len(self.label) <= LONGEST_LABEL or not 0 < len(self.says.encode()) <= LONGEST_WORD:
            raise ValueError(f"a button has a label of 1 to {LONGEST_LABEL} characters and says 1 to {LONGEST_WORD} bytes")


Buttons = tuple[tuple[Button, ...], ...]
"""Rows of buttons: at most five of at most five."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What became of a call before now."""

    tries: int = 0
    """How often it was made."""
    seconds: float = 0.0
    """How long ago it was wanted first."""
    unknown: bool = False
    """True: one of those tries may have arrived, and nobody was told."""
    resent: bool = False
    """True: it was sent again with a label already."""


FIRST_TRY = Earlier()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One outbound call. Its text never shows in a repr, so never in a log."""

    platform: str
    chat_id: str
    kind: SendKind
    purpose: Purpose
    key: str
    """Unique to this call and the same at each repetition of it: the idempotency key for platforms that take one."""
    text: str = field(default="", repr=False)
    """Formatted for the platform and within its limit."""
    target_id: str | None = None
    """EDIT: the receipt's message id; ACK: the user's message id; else None."""
    part: int = 0
    """Number of the part of an answer that was split, from 0."""
    final: bool = True
    """False: more text of this message is still to come by edits."""
    session_id: str | None = None
    """The session whose answer this belongs to; None for what is no part of an answer."""
    sender_id: str | None = None
    """TYPING and ACK of a turn: who wrote the message that is answered, by `Inbound.user_id`. A turn's first call is TYPING with
    `final=False`, before the agent is asked; its last is TYPING with `final=True`, however it ended. None for everything else."""
    place: Place = CHAT_ITSELF
    idempotent: bool = False
    """True: repeating it after an unknown outcome can not show the user anything twice."""
    earlier: Earlier = FIRST_TRY
    buttons: Buttons = ()
    """MESSAGE: what can be pressed under it; only where the platform's traits have buttons. A press comes in as an `Inbound`."""
    again: bool = False
    """True: it bears the label of a message that may be in the chat already."""

    @property
    def cosmetic(self) -> bool:
        """True where a lost call costs the user nothing: never retried, never kept. The state of a growing answer is such a one."""
        return self.kind.cosmetic or (self.kind is SendKind.EDIT and not self.final)

    def sent_again(self) -> "Outgoing":
        """The same message with a label, under a key of its own: for when it may have arrived, and the platform cannot tell."""
        return replace(self, text=SENT_AGAIN + self.text, key=f"{self.key}r", again=True)

    @property
    def chat(self) -> ChatRef:
        """The chat it goes to."""
        return ChatRef(self.platform, self.chat_id)


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform took the call. `message_id` is its id of the new or edited message, or None where it gives none."""

    message_id: str | None = None
