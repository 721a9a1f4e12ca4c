"""Cut a long text into parts that a platform takes, each of which can be read by itself."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from parachute_core.model.fence import FENCE

LONGEST_INFO = 20
"""Characters of a fence's language that are repeated when it is opened again."""

Measure = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Fence:
    """An open code fence: what closes it, and what opens it again in the next part."""

    marker: str
    info: str

    @property
    def closing(self) -> str:
        """Ends the fence at the end of a part."""
        return "\n" + self.marker

    @property
    def opening(self) -> str:
        """Opens it again at the start of the next part."""
        return f"{self.marker}{self.info}\n"


def split(text: str, limit: int, measure: Measure = len) -> list[str]:
    """Parts of `text`, none empty, none of more than `limit` units of `measure`, in order.

    Cuts between paragraphs where it can, else between lines, words, or characters. A code fence that is cut is closed at
    the end of the part and opened again in the next. White space at a cut is dropped. `limit` is at least 1 character's units.
    """
    parts: list[str] = []
    rest = text.strip("\n")
    while rest and measure(rest) > limit:
        head, rest = _cut(rest, limit, measure)
        if head.strip():
            parts.append(head)
    return [*parts, rest] if rest.strip() else parts


def _cut(text: str, limit: int, measure: Measure) -> tuple[str, str]:
    longest = _fitting(text, limit, measure)
    for end in _breaks(text, longest):
        open_fence = _fence_at(text[:end])
        head = text[:end].rstrip()
        if open_fence is None:
            return head, text[end:].lstrip("\n") if text[end : end + 1] == "\n" else text[end:].lstrip(" ")
        if len(open_fence.opening) * 2 + len(open_fence.closing) >= limit:
            continue  # no room for fences: the cut by characters below takes it
        if measure(head + open_fence.closing) <= limit and end > len(open_fence.opening):
            return head + open_fence.closing, open_fence.opening + text[end:].removeprefix("\n")
    return text[:longest], text[longest:]


def _fitting(text: str, limit: int, measure: Measure) -> int:
    """How many leading characters fit; at least one, so that each cut gets on."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle]) <= limit else (low, middle - 1)
    return low


def _breaks(text: str, longest: int) -> Iterator[int]:
    """Places to cut at, best first: paragraph, line and word ends outside a fence, then line ends inside one, then anywhere."""
    window = text[: longest + 1]
    half = longest // 2
    lines = [found.start() for found in re.finditer(r"\n", window) if 0 < found.start() <= longest]
    inside = {at for at in lines if _fence_at(text[:at]) is not None}
    for pattern in (r"\n(?=\n)", r"\n"):
        ends = [found.start() for found in re.finditer(pattern, window) if half <= found.start() <= longest]
        yield from (at for at in reversed(ends) if at and at not in inside)
    yield from (at for at in reversed(lines) if at not in inside and at < half and _fence_at(window) is not None)
    yield from (at for at in reversed(lines) if at in inside)
    words = [found.start() for found in re.finditer(r"\s", window) if half <= found.start() <= longest]
    yield from (at for at in reversed(words) if at)
    yield longest
    # A hard cut inside a fence needs room for the closing marker.
    yield from range(longest - 1, max(0, longest - 16), -1)


def _fence_at(text: str) -> Fence | None:
    """The fence that is open at the end of `text`, or None."""
    fence: Fence | None = None
    for line in text.split("\n"):
        found = FENCE.match(line)
        if found is None:
            continue
        marker, info = found.group(1), found.group(2).strip()
        if fence is None:
            fence = Fence(marker, info[:LONGEST_INFO])
        elif marker[0] == fence.marker[0] and len(marker) >= len(fence.marker) and not info:
            fence = None
    return fence
