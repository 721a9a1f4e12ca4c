"""How often what happened since the start: plain numbers, kept in memory, for whoever shows them. No id of anybody is among them.

The way in, the way out and the turns tell it what they did; nobody waits for it, and nothing here can fail a message.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from parachute_core.clock import Clock
from parachute_core.engine.recent import Recent
from parachute_core.hooks.shapes import Send
from parachute_core.model.errors import NotDelivered, Rejected, Unreachable
from parachute_core.model.outgoing import Outgoing, Receipt
from parachute_core.model.parcel import Kept, ParcelState
from parachute_core.model.turn_report import TurnReport, TurnStage

BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Seconds of a turn up to which it is counted in each class; the last is the longest that a turn may take."""


class Judged(StrEnum):
    """What became of a message that was addressed to the bot."""

    TURN = "turn"
    """It is answered by the agent."""
    COMMAND = "command"
    REFUSED = "refused"
    """By a plugin or the core."""
    UNREADABLE = "unreadable"
    """There was nothing in it that the bot can take in."""
    BUSY = "busy"
    """Too many of its chat waited."""
    FAILED = "failed"
    """A fault in the bot."""
    NOT_KEPT = "not_kept"
    """The store took nothing; the platform delivers it again."""


class Judgement(NamedTuple):
    """What became of a message; if it was refused, by which plugin (`core`: it is on no allowlist)."""

    what: Judged
    by: str | None = None


class Outcome(StrEnum):
    """What became of a call or of a try to deliver."""

    DELIVERED = "delivered"
    NOT_DELIVERED = "not_delivered"
    """Proven so, for now; a delivery is tried again."""
    AMBIGUOUS = "ambiguous"
    UNREACHABLE = "unreachable"
    REJECTED = "rejected"
    """For good; such a delivery is dead."""
    HELD = "held"
    WITHHELD = "withheld"


ENDS: Mapping[ParcelState, Outcome] = {
    ParcelState.SENT: Outcome.DELIVERED,
    ParcelState.QUEUED: Outcome.NOT_DELIVERED,
    ParcelState.SENDING: Outcome.AMBIGUOUS,
    ParcelState.HELD: Outcome.HELD,
    ParcelState.DEAD: Outcome.REJECTED,
    ParcelState.DISCARDED: Outcome.WITHHELD,
}


@dataclass(slots=True)
class Durations:
    """How long something took: how many took up to each of `BOUNDS` and more than the one before, and all of them together."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """One more."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds


class Tally:
    """The numbers. Those who read them change nothing; keys begin with the platform."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._begun: dict[int, float] = {}
        self.recent = Recent(clock)
        self.messages: Counter[tuple[str, Judged]] = Counter()
        self.refusals: Counter[tuple[str, str]] = Counter()
        """By the plugin that refused; `core`."""
        self.calls: Counter[tuple[str, str, Outcome]] = Counter()
        """Calls of a platform, each repetition included, by their `SendKind`."""
        self.deliveries: Counter[tuple[str, Outcome]] = Counter()
        """Tries to deliver what stands in the outbox; a try holds every repetition that a layer makes inline."""
        self.turns: dict[tuple[str, str], Durations] = {}
        """By their `TurnEnd`."""
        self.tokens: Counter[tuple[str, str]] = Counter()
        """By kind: `input`, `output`, `cached`, `cache_write`."""

    def judged(self, platform: str, judgement: Judgement) -> None:
        """A message was judged."""
        self.messages[platform, judgement.what] += 1
        self.recent.came(refused=judgement.what is Judged.REFUSED)
        if judgement.by is not None:
            self.refusals[platform, judgement.by] += 1

    def counted(self, platform: str, send: Send) -> Send:
        """The raw send of a platform, each of its calls counted."""

        async def counting(outgoing: Outgoing) -> Receipt:
            try:
                receipt = await send(outgoing)
            except Exception as error:
                self.calls[platform, outgoing.kind.value, _outcome(error)] += 1
                raise
            self.calls[platform, outgoing.kind.value, Outcome.DELIVERED] += 1
            return receipt

        return counting

    def tried(self, kept: Kept) -> None:
        """A try to deliver is over."""
        unreachable = kept.state is ParcelState.QUEUED and kept.error == Unreachable.__name__
        self.deliveries[kept.chat.platform, Outcome.UNREACHABLE if unreachable else ENDS[kept.state]] += 1

    def told(self, report: TurnReport) -> None:
        """A step of a turn."""
        match report.stage:
            case TurnStage.BEGUN:
                self._begun[report.number] = self._clock.monotonic()
            case TurnStage.USAGE if report.usage is not None:
                for kind in ("input", "output", "cached", "cache_write"):
                    self.tokens[report.platform, kind] += getattr(report.usage, f"{kind}_tokens")
            case TurnStage.ENDED if report.end is not None:
                begun = self._begun.pop(report.number, None)
                if begun is not None:
                    self.turns.setdefault((report.platform, report.end.value), Durations()).add(self._clock.monotonic() - begun)


def _outcome(error: Exception) -> Outcome:
    match error:
        case NotDelivered():
            return Outcome.NOT_DELIVERED
        case Unreachable():
            return Outcome.UNREACHABLE
        case Rejected():
            return Outcome.REJECTED
        case _:
            return Outcome.AMBIGUOUS
