"""Events into what somebody said. Pure; whatever a malformed event makes it raise, the caller skips that event."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from parachute_core.connectors.matrix.told import Raw
from parachute_core.model.message import Attachment, Voice

ATTACHMENTS: Mapping[str, Attachment] = {
    "m.image": Attachment.PICTURE,
    "m.video": Attachment.VIDEO,
    "m.audio": Attachment.AUDIO,
    "m.file": Attachment.FILE,
    "m.location": Attachment.PLACE,
}
WITHOUT_TEXT: Mapping[str, Attachment] = {
    "m.sticker": Attachment.STICKER,
    "m.poll.start": Attachment.POLL,
    "org.matrix.msc3381.poll.start": Attachment.POLL,
}
VOICE = ("org.matrix.msc3245.voice", "org.matrix.msc3245.voice.v2", "m.voice")
QUOTED_LINES = re.compile(r"> (?:\* )?<@[^\n]*\n(?:>[^\n]*\n)*\n?")
"""What older clients put before a reply's own text."""
QUOTED_HTML = re.compile(r"<mx-reply>.*?</mx-reply>", re.DOTALL)
LONGEST_MENTIONS = 100
"""User ids of one message's mentions that are looked at."""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said."""

    event_id: str
    sender: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    """The formatted text, or nothing."""
    mentions: frozenset[str]
    reply_to: str | None
    """The event that it answers."""
    thread_id: str | None
    attachment: Attachment | None
    voice: Voice | None


class Ignored(NamedTuple):
    """An event that is no message for the bot."""

    why: str


def read(event: Raw) -> Said | Ignored:
    """What the event says. Raises `LookupError`, `TypeError`, `ValueError` or `AttributeError` for what has no proper shape."""
    content = event["content"]
    kind = event["type"] if event["type"] in WITHOUT_TEXT else content.get("msgtype") if event["type"] == "m.room.message" else None
    if kind is None:
        return Ignored("no message, or taken back")
    relation = content.get("m.relates_to") or {}
    if relation.get("rel_type") == "m.replace":
        return Ignored("an edit")
    if kind != "m.text" and kind not in ATTACHMENTS and kind not in WITHOUT_TEXT:
        return Ignored("not a kind of message that people send")
    thread = _id(relation["event_id"]) if relation.get("rel_type") == "m.thread" else None
    answered = (relation.get("m.in_reply_to") or {}).get("event_id")
    reply_to = None if answered is None or (thread and relation.get("is_falling_back") is True) else _id(answered)
    voice = _voice(content) if kind == "m.audio" and any(isinstance(content.get(one), dict) for one in VOICE) else None
    text = content["body"] if kind == "m.text" else _caption(content) if kind in ATTACHMENTS else ""
    if not isinstance(text, str):
        raise TypeError("a body that is no text")
    html = content.get("formatted_body") if content.get("format") == "org.matrix.custom.html" else ""
    return Said(
        event_id=_id(event["event_id"]),
        sender=str(event["sender"]),
        text=QUOTED_LINES.sub("", text, count=1) if reply_to and QUOTED_LINES.match(text) else text,
        html=QUOTED_HTML.sub("", html) if isinstance(html, str) else "",
        mentions=_mentions(content),
        reply_to=reply_to,
        thread_id=thread,
        attachment=None if voice or kind == "m.text" else ATTACHMENTS.get(kind) or WITHOUT_TEXT[kind],
        voice=voice,
    )


def _id(value: object) -> str:
    if not isinstance(value, str) or not value.startswith("$"):
        raise ValueError("no id of an event")
    return value


def _caption(content: Raw) -> str:
    """A file's text is a caption only where its name is told besides."""
    body, name = content.get("body"), content.get("filename")
    return body if isinstance(body, str) and isinstance(name, str) and body != name else ""


def _mentions(content: Raw) -> frozenset[str]:
    listed = (content.get("m.mentions") or {}).get("user_ids") or ()
    return frozenset(one for one in list(listed)[:LONGEST_MENTIONS] if isinstance(one, str))


def _voice(content: Raw) -> Voice:
    """Where the file is, and what decrypts it where it is encrypted, is its reference."""
    info = content.get("info") or {}
    milliseconds, size, mime_type = info.get("duration"), info.get("size"), info.get("mimetype")
    place = {"file": content["file"]} if "file" in content else {"url": content["url"]}
    return Voice(
        reference=json.dumps(place),
        mime_type=mime_type if isinstance(mime_type, str) else None,
        seconds=milliseconds / 1000 if isinstance(milliseconds, int | float) else None,
        size=size if isinstance(size, int) else None,
    )
