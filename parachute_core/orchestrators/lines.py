"""The lines that a command writes, read into events."""

import json
from dataclasses import dataclass

from parachute_core.model.errors import OrchestratorError, OrchestratorFault
from parachute_core.model.turn import LONGEST_MODEL, MOST_TOKENS, Done, Notice, TextDelta, Usage

LONGEST_MESSAGE = 500
"""Characters of a command's own error message that are kept."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """The command says that it failed."""

    message: str


Line = TextDelta | Notice | Usage | Done | Complaint


def read_line(line: bytes) -> Line | None:
    """The event of one line, or None for a blank one.

    Raises `OrchestratorError` (PROTOCOL) for anything that is no JSON object of a known type. The text never shows the line.
    """
    if not line.strip():
        return None
    try:
        value = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise _malformed("a line of its output is no JSON") from error
    if not isinstance(value, dict):
        raise _malformed("a line of its output is no JSON object")
    match value.get("type"):
        case "text":
            return TextDelta(_text(value, "delta"))
        case "notice":
            return Notice(_text(value, "text"))
        case "usage":
            return Usage(
                _count(value, "input_tokens"),
                _count(value, "output_tokens"),
                _count(value, "cached_tokens", 0),
                _count(value, "cache_write_tokens", 0),
                _model(value),
            )
        case "done":
            return Done()
        case "error":
            return Complaint(_text(value, "message")[:LONGEST_MESSAGE])
        case str() as unknown:
            raise _malformed(f"a line of its output has the unknown type {unknown[:40]!r}")
        case _:
            raise _malformed("a line of its output has no type")


def _text(value: dict[str, object], key: str) -> str:
    text = value.get(key)
    if not isinstance(text, str):
        raise _malformed(f"a line of its output has no text under {key!r}")
    # JSON can spell half of a surrogate pair, which no platform takes.
    return text.encode("utf-8", "replace").decode()


def _count(value: dict[str, object], key: str, default: int | None = None) -> int:
    count = value.get(key, default)
    if type(count) is not int or not 0 <= count <= MOST_TOKENS:
        raise _malformed(f"a line of its output has no whole number from 0 to {MOST_TOKENS} under {key!r}")
    return count


def _model(value: dict[str, object]) -> str | None:
    if value.get("model") is None:
        return None
    model = _text(value, "model")
    if not 0 < len(model) <= LONGEST_MODEL:
        raise _malformed(f"a line of its output has no name of 1 to {LONGEST_MODEL} characters under 'model'")
    return model


def _malformed(text: str) -> OrchestratorError:
    return OrchestratorError(OrchestratorFault.PROTOCOL, text)
