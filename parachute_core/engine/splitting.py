"""Cut a long text into parts that a platform takes, each of which can be read by itself."""

import re
from bisect import bisect_left
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
    the end of the part and opened again in the next. White space at a cut is dropped. `limit` is at least 1 character's units,
    and a character has at least one of them. Takes time in proportion to the text, whatever its lines are like.
    """
    parts: list[str] = []
    rest = Rest(text.strip("\n"))
    while not rest.fits(limit, measure):
        head = _cut(rest, limit, measure)
        if head.strip():
            parts.append(head)
    last = rest.upto(limit)
    return [*parts, last] if last.strip() else parts


class Rest:
    """What is left of a text: where it goes on, and what stands before it. It is never copied as a whole."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._before = ""

    def upto(self, count: int) -> str:
        """The next characters, at least `count` of them where there are so many."""
        return self._before + self._text[self._at : self._at + count]

    def fits(self, limit: int, measure: Measure) -> bool:
        """Whether it is short enough for one part."""
        return len(self._before) + len(self._text) - self._at <= limit and measure(self.upto(limit)) <= limit

    def skip(self, count: int, dropped: str = "", before: str = "", most: int | None = None) -> None:
        """Go on behind `count` characters and behind further ones that are `dropped`, at most `most` of them; `before` comes first then."""
        self._take(count)
        while dropped and most != 0 and self.upto(1)[:1] == dropped:
            self._take(1)
            most = None if most is None else most - 1
        self._before = before + self._before

    def _take(self, count: int) -> None:
        self._at += max(0, count - len(self._before))
        self._before = self._before[count:]


class Window:
    """The beginning of a text that is to be cut, with the fence that is open at each place of it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line_ends = [found.start() for found in re.finditer(r"\n", text)]
        self._fences: list[Fence | None] = [None]
        start = 0
        for end in self.line_ends:
            self._fences.append(_after(self._fences[-1], text[start:end]))
            start = end + 1

    def fence_at(self, end: int) -> Fence | None:
        """The fence that is open after the first `end` characters, or None."""
        line = bisect_left(self.line_ends, end)
        return _after(self._fences[line], self.text[self.line_ends[line - 1] + 1 if line else 0 : end])


def _cut(rest: Rest, limit: int, measure: Measure) -> str:
    """Take the next part off."""
    text = rest.upto(limit + 1)
    longest = _fitting(text, limit, measure)
    window = Window(text[: longest + 1])
    for end in _breaks(window, longest):
        open_fence = window.fence_at(end)
        head = text[:end].rstrip()
        if open_fence is None:
            rest.skip(end, "\n" if text[end : end + 1] == "\n" else " ")
            return head
        if len(open_fence.opening) * 2 + len(open_fence.closing) >= limit:
            continue  # no room for fences: the cut by characters below takes it
        if measure(head + open_fence.closing) <= limit and end > len(open_fence.opening):
            rest.skip(end, "\n", open_fence.opening, most=1)
            return head + open_fence.closing
    rest.skip(longest)
    return text[:longest]


def _fitting(text: str, limit: int, measure: Measure) -> int:
    """How many leading characters fit; at least one, so that each cut gets on."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if measure(text[:middle]) <= limit else (low, middle - 1)
    return low


def _breaks(window: Window, longest: int) -> Iterator[int]:
    """Places to cut at, best first: paragraph, line and word ends outside a fence, then line ends inside one, then anywhere."""
    half = longest // 2
    lines = [at for at in window.line_ends if 0 < at <= longest]
    inside = {at for at in lines if window.fence_at(at) is not None}
    for pattern in (r"\n(?=\n)", r"\n"):
        ends = [found.start() for found in re.finditer(pattern, window.text) if half <= found.start() <= longest]
        yield from (at for at in reversed(ends) if at and at not in inside)
    if window.fence_at(len(window.text)) is not None:
        yield from (at for at in reversed(lines) if at not in inside and at < half)
    yield from (at for at in reversed(lines) if at in inside)
    words = [found.start() for found in re.finditer(r"\s", window.text) if half <= found.start() <= longest]
    yield from (at for at in reversed(words) if at)
    yield longest
    # A hard cut inside a fence needs room for the closing marker.
    yield from range(longest - 1, max(0, longest - 16), -1)


def _after(fence: Fence | None, line: str) -> Fence | None:
    """The fence that is open behind a line, given the one before it."""
    found = FENCE.match(line)
    if found is None:
        return fence
    marker, info = found.group(1), found.group(2).strip()
    if fence is None:
        return Fence(marker, info[:LONGEST_INFO])
    closes = marker[0] == fence.marker[0] and len(marker) >= len(fence.marker) and not info
    return None if closes else fence
