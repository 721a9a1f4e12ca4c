"""Values as YAML text that means the same in every context: in a block, in `[…]` and in `{…}`."""

import re

PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
WORDS_OF_YAML = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quote(text: str) -> str:
    """The text in double quotes, whatever is in it."""
    return '"' + "".join(map(_escaped, text)) + '"'


def write_value(value: bool | int | str) -> str:
    """A value of the file: a plain word where that is safe, quoted text else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return str(value) if PLAIN.fullmatch(value) and value.lower() not in WORDS_OF_YAML else quote(value)


def _escaped(one: str) -> str:
    if one in SHORT_ESCAPES:
        return SHORT_ESCAPES[one]
    if one.isprintable():
        return one
    code = ord(one)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
