"""The JSON frames of the web chat: what a client may say, and what it is told."""

import hashlib
import json
from dataclasses import dataclass, field

from parachute_core.connectors.webchat.identity import Visitor
from parachute_core.model.errors import Rejected
from parachute_core.model.outgoing import Outgoing, SendKind

LARGEST = 64 * 1024
"""Bytes of the largest frame that is read."""
LONGEST_ID = 64
"""Characters of the longest id that a client may give its message."""


class Malformed(Exception):
    """A frame that cannot be read; the text is a plain sentence for the client and quotes nothing of the frame."""


@dataclass(frozen=True, slots=True)
class Hello:
    """The client says who it was. `token` None: nobody yet. `owner`: the token of an owner's link, or None."""

    token: str | None = field(repr=False)
    owner: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Said:
    """The client sends a message. `id` is its own name for it, or None."""

    text: str = field(repr=False)
    id: str | None


def read(raw: str | bytes) -> Hello | Said:
    """The frame that `raw` holds. Raises `Malformed`, whatever was sent."""
    if isinstance(raw, bytes):
        raise Malformed("Binary frames are not understood; send JSON text.")
    if len(raw) > LARGEST or len(raw.encode(errors="replace")) > LARGEST:
        raise Malformed(f"That is too long: a frame may have {LARGEST // 1024} KiB.")
    try:
        frame = json.loads(raw)
    except (ValueError, RecursionError):
        raise Malformed("That frame is not valid JSON.") from None
    if not isinstance(frame, dict):
        raise Malformed("A frame must be a JSON object.")
    match frame.get("type"):
        case "hello":
            return Hello(_optional_text(frame, "token"), _optional_text(frame, "owner"))
        case "message":
            return _said(frame)
        case _:
            raise Malformed('A frame\'s "type" must be "hello" or "message".')


def _said(frame: dict[str, object]) -> Said:
    text = _optional_text(frame, "text")
    if text is None or not text.strip():
        raise Malformed("A message needs some text.")
    own_id = _optional_text(frame, "id")
    if own_id is not None and not 1 <= len(own_id) <= LONGEST_ID:
        raise Malformed(f'A message\'s "id" must have 1 to {LONGEST_ID} characters.')
    return Said(text, own_id)


def _optional_text(frame: dict[str, object], key: str) -> str | None:
    value = frame.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise Malformed(f'"{key}" must be text.')
    try:
        value.encode()
    except UnicodeEncodeError:
        # JSON can spell half a surrogate pair; no database, terminal or platform could take such text later.
        raise Malformed(f'"{key}" contains broken characters.') from None
    return value


def message_id(key: str) -> str:
    """The id that clients see for the message with this idempotency key: a repeated call gets the same, so it is shown once."""
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def welcome(visitor: Visitor, *, allowed: bool) -> str:
    """The answer to a hello. `allowed` is only said where an owner's link was just redeemed."""
    frame: dict[str, object] = {
        "type": "welcome",
        "user_id": visitor.user_id,
        "chat_id": visitor.user_id,
        "token": visitor.token,
    }
    return json.dumps(frame | {"allowed": True} if allowed else frame)


def ack(taken_id: str) -> str:
    """The message that the client called `taken_id` was taken."""
    return json.dumps({"type": "ack", "id": taken_id})


def error(sentence: str) -> str:
    """Something is not as it should be; the conversation goes on unless a close follows."""
    return json.dumps({"type": "error", "error": sentence})


def outgoing_frame(outgoing: Outgoing) -> tuple[str, str | None]:
    """The frame for one outbound call, and the id of the message that it makes or changes. Raises `Rejected`."""
    match outgoing.kind:
        case SendKind.TYPING:
            return json.dumps({"type": "typing", "on": not outgoing.final or bool(outgoing.text)}), None
        case SendKind.ACK:
            return ack(_target(outgoing)), None
        case SendKind.EDIT:
            shown_id = _target(outgoing)
        case SendKind.MESSAGE:
            shown_id = message_id(outgoing.key)
    frame = {"type": outgoing.kind.value, "id": shown_id, "text": outgoing.text, "final": outgoing.final}
    return json.dumps(frame), shown_id


def _target(outgoing: Outgoing) -> str:
    if outgoing.target_id is None:
        raise Rejected(f"{outgoing.kind.value} names no message")
    return outgoing.target_id
