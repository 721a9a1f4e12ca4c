"""One of each kind of what a plugin may be handed."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import product

from parachute_core.model.message import ChatType, Inbound
from parachute_core.model.outgoing import Outgoing, Purpose, SendKind
from parachute_core.model.pairing import PairingEvent, PairingKind
from parachute_core.model.status import ALLOWED, ConnectorState, StatusChange
from parachute_core.model.trust import TrustLevel
from parachute_core.model.turn import Usage
from parachute_core.model.turn_report import TurnEnd, TurnReport, TurnStage
from parachute_core.testing.stand_ins import ALLOWED_USER, PLATFORM

SAMPLE_TEXT = "sample of the plugin contract"


def inbounds(at: datetime) -> Iterator[Inbound]:
    """An allowed user and a stranger, in a direct chat and in a group, with words, a command, and texts that are hard to handle."""
    for user_id, text in product((ALLOWED_USER, "2"), (SAMPLE_TEXT, "/new", "/help@bot me", "", "é\u202e\0👩‍👩‍👧", "long " * 4000)):
        direct = Inbound(PLATFORM, user_id, user_id, text, "m1", at, user_name="A. Person")
        yield direct
        yield replace(direct, chat_id="-100", chat_type=ChatType.GROUP, user_name=None)


def outgoings() -> Iterator[Outgoing]:
    """Each kind of call, of an answer whose session is unknown and of none."""
    for kind, session_id in product(SendKind, (None, "gone")):
        target = None if kind is SendKind.MESSAGE else "m1"
        purpose = Purpose.NOTICE if session_id is None else Purpose.REPLY
        yield Outgoing(PLATFORM, ALLOWED_USER, kind, purpose, f"{kind}-{session_id}", "hello", target_id=target, session_id=session_id)


def turn_reports(at: datetime) -> Iterator[TurnReport]:
    """A turn for each end, with usage and without; then one of which only the end is told, and that is begun again."""
    number = 0
    for end, usage in product(TurnEnd, (None, Usage(100, 20, 5))):
        number += 1
        begun = TurnReport(TurnStage.BEGUN, number, PLATFORM, ALLOWED_USER, ALLOWED_USER, "gone", at)
        yield begun
        if usage is not None:
            yield replace(begun, stage=TurnStage.USAGE, usage=usage, asked=True)
        yield replace(begun, stage=TurnStage.ENDED, usage=usage, end=end, asked=end is TurnEnd.ANSWERED or usage is not None)
    unknown = TurnReport(TurnStage.ENDED, number + 1, PLATFORM, "-100", ALLOWED_USER, "gone", at, end=TurnEnd.FAILED, asked=True)
    yield unknown
    yield replace(unknown, stage=TurnStage.BEGUN, tries=1, end=None, asked=False)


def status_changes() -> Iterator[StatusChange]:
    """Each move between two states, possible or not."""
    for old, new in product(ConnectorState, repeat=2):
        yield StatusChange(PLATFORM, old, new, new in ALLOWED[old])


def pairing_events(at: datetime) -> Iterator[PairingEvent]:
    """Each kind of event."""
    for kind in PairingKind:
        revoked = kind is PairingKind.REVOKED
        trust_level = TrustLevel.SANDBOXED if kind is PairingKind.APPROVED else None
        yield PairingEvent(kind, PLATFORM, "2", at, None if revoked else "r1", None if revoked else "2", trust_level)
