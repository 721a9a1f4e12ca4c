"""What strangers call themselves and write, made harmless to show: one line, nothing that hides or turns text around."""

import unicodedata

LONGEST_NAME = 64
HARMLESS_FORMAT = "\u200d"
"""The joiner inside family and flag emoji is a format character, and harmless."""
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and marks that show as nothing, though Unicode does not class them as format characters."""


def plain_name(name: str) -> str:
    """`name` on one line, without control, bidi and zero-width characters, of at most 64 characters; empty when nothing visible is left."""
    return plain_text(name[: 8 * LONGEST_NAME].replace(HARMLESS_FORMAT, ""), LONGEST_NAME)


def plain_text(text: str, longest: int) -> str:
    """`text` on one line, without control and bidi characters, cut to `longest` characters with an ellipsis; may be empty."""
    shown = "".join(" " if one.isspace() else one for one in text[: 8 * longest] if one.isspace() or _visible(one))
    line = " ".join(shown.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def _visible(one: str) -> bool:
    return one == HARMLESS_FORMAT or (unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn") and one not in INVISIBLE)
