"""What came of a load, as figures."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from parachute_core.loading.visitor import Visitor

LABELS = {"sent": "sent", "answered": "answered", "refused": "refused by the limit", "lost": "not answered", "doubled": "doubled",
          "disordered": "out of order", "errors": "errors", "closed": "connections lost"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tally:
    """What some visitors have sent and read."""

    visitors: int
    sent: int
    answered: int
    refused: int
    """Not answered, and the bot said why."""
    lost: int
    """Not answered, without a word."""
    doubled: int
    disordered: int
    errors: int
    """Frames of the type `error`, and messages for which there was no connection any more."""
    closed: int
    p50: float | None
    """Milliseconds from sending to the first answer, which half of the answers took at most; None without answers. So the next two."""
    p90: float | None
    p99: float | None


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used."""

    resident: int
    """Bytes in memory."""
    cpu: float
    """Seconds of CPU time since its start."""


@dataclass(frozen=True, slots=True)
class Figures:
    """All of one run."""

    visitors: Tally
    flood: Tally | None
    seconds: float
    """How long messages were sent."""
    rate: float
    """Answers to the visitors, without the flood, a second."""
    resident: int | None
    """Bytes of the bot in memory at the end; None where the system does not tell."""
    cpu: float | None
    """The share of one core that the bot used while messages were sent and answered; None as above."""
    cpu_each: float | None
    """Milliseconds of the bot's CPU time for each message that was answered; None as above."""

    def plain(self) -> dict[str, object]:
        """As JSON has it."""
        return asdict(self)

    def text(self) -> str:
        """For people."""
        lines = [f"{self.visitors.visitors:,} visitors, {self.seconds:g} s, {self.rate:.1f} answers a second", *_told(self.visitors)]
        if self.flood is not None:
            lines += ["", "the flood", *_told(self.flood)]
        if self.resident is not None and self.cpu is not None:
            lines += ["", f"the bot: {self.resident / 2**20:.0f} MiB in memory, {self.cpu:.0%} of one core"]
        return "\n".join(lines)


def tally(visitors: Sequence[Visitor]) -> Tally:
    """Count. What is not answered counts as refused where the visitor was told so, once for all of them."""
    latencies = sorted(seconds for one in visitors for seconds in one.latencies)
    return Tally(
        visitors=len(visitors),
        sent=sum(one.sent for one in visitors),
        answered=len(latencies),
        refused=sum(one.unanswered for one in visitors if one.told_off or one.errors),
        lost=sum(one.unanswered for one in visitors if not (one.told_off or one.errors)),
        doubled=sum(one.doubled for one in visitors),
        disordered=sum(one.disordered for one in visitors),
        errors=sum(one.errors + one.unsent for one in visitors),
        closed=sum(one.closed for one in visitors),
        p50=percentile(latencies, 0.50),
        p90=percentile(latencies, 0.90),
        p99=percentile(latencies, 0.99),
    )


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Milliseconds that this share of the sorted seconds does not exceed; None where there are none."""
    return round(ordered[max(0, -int(-share * len(ordered) // 1) - 1)] * 1000, 2) if ordered else None


def usage(pid: int) -> Usage | None:
    """What a process uses now; None where the system does not tell."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except (OSError, ValueError, IndexError):
        return None
    ticks = int(fields[11]) + int(fields[12])
    return Usage(pages * os.sysconf("SC_PAGE_SIZE"), ticks / os.sysconf("SC_CLK_TCK"))


def _told(one: Tally) -> list[str]:
    counts = "  ".join(f"{label} {getattr(one, key):,}" for key, label in LABELS.items())
    shown = "no answer" if one.p50 is None else f"p50 {one.p50:.1f} ms  p90 {one.p90:.1f} ms  p99 {one.p99:.1f} ms"
    return [f"  {counts}", f"  first answer: {shown}"]
