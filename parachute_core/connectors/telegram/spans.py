"""Plain text with the stretches of it that are shown differently, counted as the Bot API counts: in UTF-16 units."""

from dataclasses import dataclass

from parachute_core.model.traits import utf16_units


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text; `offset` and `length` in UTF-16 units."""

    kind: str
    """bold, italic, code, pre, text_link."""
    offset: int
    length: int
    url: str | None = None
    language: str | None = None


class Writer:
    """Collects text and the spans in it."""

    def __init__(self) -> None:
        self.length = 0
        """Units written so far."""
        self.spans: list[Span] = []
        self._pieces: list[str] = []

    @property
    def text(self) -> str:
        """All that was written."""
        return "".join(self._pieces)

    def write(self, piece: str) -> None:
        """Add text."""
        self._pieces.append(piece)
        self.length += utf16_units(piece)

    def mark(self, kind: str, begin: int, *, url: str | None = None, language: str | None = None) -> None:
        """Everything written since the length was `begin` is of this kind; where that is nothing, nothing is marked."""
        if self.length > begin:
            self.spans.append(Span(kind, begin, self.length - begin, url, language))
