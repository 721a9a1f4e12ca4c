"""What strangers call themselves and write, made harmless to show: one line, nothing that hides or turns text around."""

import unicodedata

LONGEST_NAME = 64
HARMLESS_FORMAT = "\u200d"
"""The joiner inside family and flag emoji is a format character, and harmless."""


def plain_name(name: str) -> str:
    """`name` on one line, without control, bidi and zero-width characters, of at most `LONGEST_NAME` characters; may be empty."""
    return plain_text(name.replace(HARMLESS_FORMAT, ""), LONGEST_NAME)


def plain_text(text: str, longest: int) -> str:
    """`text` on one line, without control and bidi characters, cut to `longest` characters with an ellipsis; may be empty."""
    shown = "".join(" " if one.isspace() else one for one in text[: 8 * longest] if one.isspace() or _visible(one))
    line = " ".join(shown.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def _visible(one: str) -> bool:
    return one == HARMLESS_FORMAT or unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn")
