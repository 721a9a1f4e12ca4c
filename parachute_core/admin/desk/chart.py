"""The last hour as bars: figures to look at, and the same in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

WIDTH, HEIGHT = 600, 96
"""Of the drawing, in its own units."""
LEAST = 3.0
"""Height of the smallest bar that is not nothing."""
GAP = 2.5
ROUNDEST = 5
"""The scale never shows less than this as full height: a single message is no peak."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One minute."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """What a template draws and says."""

    kind: str
    total: int
    label: str
    """What is counted, as it stands behind the total."""
    words: str
    """What the drawing shows, in a sentence."""
    bars: tuple[Bar, ...]
    width: ClassVar[int] = WIDTH
    height: ClassVar[int] = HEIGHT


def chart(minutes: Sequence[Mapping[str, float]], kind: str, one: str, many: str) -> Chart:
    """The chart of one figure of `GET /api/activity`; a minute without any has no bar."""
    counts = [int(minute[kind]) for minute in minutes]
    total, most = sum(counts), max(counts, default=0)
    step = WIDTH / max(1, len(counts))
    bars = tuple(
        _bar(place * step, step - GAP, max(LEAST, count / max(most, ROUNDEST) * HEIGHT)) for place, count in enumerate(counts) if count
    )
    words = f"None in the last {len(counts)} minutes."
    if most:
        at = datetime.fromtimestamp(minutes[counts.index(most)]["at"], UTC)
        words = f"At most {most:,} in a minute, at {at:%H:%M} UTC."
    return Chart(kind, total, one if total == 1 else many, words, bars)


def _bar(x: float, width: float, height: float) -> Bar:
    return Bar(round(x, 2), round(HEIGHT - height, 2), round(width, 2), round(height, 2))
