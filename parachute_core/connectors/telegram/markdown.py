"""Markdown of an answer into plain text and spans. The text only ever gets shorter, so a part that was cut to the limit keeps to it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from parachute_core.connectors.telegram.emphasis import inline
from parachute_core.connectors.telegram.spans import Span, Writer
from parachute_core.model.fence import FENCE

LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Rendered(NamedTuple):
    """What is sent."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """The inside of a fenced block."""

    text: str
    language: str | None


def render(text: str) -> Rendered:
    """Plain text and spans. A text that is nothing but marks stays as it is."""
    text = LONE_SURROGATE.sub("\ufffd", text)  # no encoding has them, so they could not be sent
    out = Writer()
    for number, block in enumerate(_blocks(text)):
        if number:
            out.write("\n")
        if isinstance(block, Code):
            begin = out.length
            out.write(block.text)
            out.mark("pre", begin, language=block.language)
        else:
            inline(block, out)
    plain = out.text
    return Rendered(plain, tuple(out.spans)) if plain.strip() else Rendered(text, ())


def _blocks(text: str) -> Iterator[str | Code]:
    """Paragraphs, blank lines and fenced blocks; joined by line ends they are the whole. A fence that is left open goes to the end."""
    plain: list[str] = []
    fence: re.Match[str] | None = None
    code: list[str] = []
    for line in text.split("\n"):
        found = FENCE.match(line)
        if fence is None and found is not None:
            yield from _paragraphs(plain)
            plain, code, fence = [], [], found
        elif fence is None:
            plain.append(line)
        elif found is not None and _ends(fence, found):
            yield _fenced(fence, code) or f"{fence.string}\n{line}"
            fence = None
        else:
            code.append(line)
    yield from [] if fence is None else [_fenced(fence, code) or fence.string]
    yield from _paragraphs(plain)


def _ends(opening: re.Match[str], line: re.Match[str]) -> bool:
    return line[1][0] == opening[1][0] and len(line[1]) >= len(opening[1]) and not line[2].strip()


def _fenced(opening: re.Match[str], lines: list[str]) -> Code | None:
    """The block, or None when there is nothing in it to show."""
    code = "\n".join(lines)
    return Code(code, (opening[2].split() or [None])[0]) if code.strip() else None


def _paragraphs(lines: list[str]) -> Iterator[str]:
    """Emphasis does not reach over a blank line."""
    paragraph: list[str] = []
    for line in lines:
        if line.strip():
            paragraph.append(line)
            continue
        if paragraph:
            yield "\n".join(paragraph)
            paragraph = []
        yield line
    if paragraph:
        yield "\n".join(paragraph)
