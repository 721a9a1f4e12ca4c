"""Bold, italic, inline code and links within one paragraph. What is not clearly Markdown stays as it is."""

import re

from parachute_core.connectors.telegram.spans import Writer

MARKS = re.compile(r"\\[*_`\[\]]|https?://[^\s*`<>]*[^\s*`<>_]|`+|\*+|_+|\[")
"""What may mean something: escapes, bare addresses (in which nothing does), runs of marks, the start of a link."""
LINK = re.compile(r"\[([^\[\]\n]+)\]\((https?://[^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)*)\)")
KINDS = {1: ("italic",), 2: ("bold",), 3: ("bold", "italic")}
"""By the number of stars or underscores."""


def inline(text: str, out: Writer) -> None:
    """Write one paragraph. A mark that found no partner is not looked for again, so that the work stays linear."""
    at = 0
    hopeless: set[str] = set()
    while (found := MARKS.search(text, at)) is not None:
        out.write(text[at : found.start()])
        mark, at = found[0], found.end()
        if mark[0] == "\\":
            out.write(mark[1])
        elif mark == "[" and (link := LINK.match(text, found.start())) is not None:
            begin = out.length
            inline(link[1], out)
            out.mark("text_link", begin, url=link[2])
            at = link.end()
        elif mark[0] in "`*_" and (end := _partner(text, found, hopeless)) is not None:
            _enclosed(text[at:end], mark, out)
            at = end + len(mark)
        else:
            out.write(mark)
    out.write(text[at:])


def _enclosed(inner: str, mark: str, out: Writer) -> None:
    begin = out.length
    if mark[0] == "`":
        padded = inner[0] == inner[-1] == " " and inner.strip()
        out.write(inner[1:-1] if padded else inner)
        out.mark("code", begin)
        return
    inline(inner, out)
    for kind in KINDS[len(mark)]:
        out.mark(kind, begin)


def _partner(text: str, opening: re.Match[str], hopeless: set[str]) -> int | None:
    """Where the mark that closes this one begins; None when this one opens nothing."""
    mark = opening[0]
    if mark in hopeless:
        return None
    if mark[0] == "`":
        end = _end_of_code(text, opening)
    else:
        end = _end_of_emphasis(text, opening) if len(mark) in KINDS and _opens(text, opening) else -1
    if end is None:
        hopeless.add(mark)
    return end if end != -1 else None


def _end_of_code(text: str, opening: re.Match[str]) -> int | None:
    closing = re.compile(rf"(?<!`){opening[0]}(?!`)").search(text, opening.end())
    return closing.start() if closing else None


def _end_of_emphasis(text: str, opening: re.Match[str]) -> int | None:
    at = opening.end()
    while (found := MARKS.search(text, at)) is not None:
        at = found.end()
        if found[0] == opening[0] and _closes(text, found):
            return found.start()
        if found[0][0] == "`" and (end := _end_of_code(text, found)) is not None:
            at = end + len(found[0])
    return None


def _opens(text: str, mark: re.Match[str]) -> bool:
    """Before something, and not in a word: snake_case, 2*3*4. Scripts without spaces may have stars between their characters."""
    before, after = text[mark.start() - 1 : mark.start()] if mark.start() else "", text[mark.end() : mark.end() + 1]
    return bool(after.strip()) and not _joins(before, mark[0])


def _closes(text: str, mark: re.Match[str]) -> bool:
    before, after = text[mark.start() - 1], text[mark.end() : mark.end() + 1]
    return bool(before.strip()) and ((len(mark[0]) > 1 and mark[0][0] == "*") or not _joins(after, mark[0]))


def _joins(neighbour: str, mark: str) -> bool:
    return neighbour.isalnum() if mark[0] == "_" else neighbour.isascii() and neighbour.isalnum()
