"""The content of the events that the bot writes."""

from typing import Any

from parachute_core.connectors.matrix.markdown import render
from parachute_core.model.outgoing import Place

Content = dict[str, Any]


def message(text: str, place: Place) -> Content:
    """A new message: an answer in Markdown, in its thread, as a reply to its question."""
    relation = _relation(place)
    return {**_written(text), **({"m.relates_to": relation} if relation else {})}


def edit(text: str, event_id: str) -> Content:
    """What an earlier message reads from now on; the text outside is for clients that know no edits."""
    new = _written(text)
    relation = {"rel_type": "m.replace", "event_id": event_id}
    return {"msgtype": new["msgtype"], "body": f"* {new['body']}", "m.mentions": {}, "m.new_content": new, "m.relates_to": relation}


def reaction(event_id: str, emoji: str) -> Content:
    """A sign on a message."""
    return {"m.relates_to": {"rel_type": "m.annotation", "event_id": event_id, "key": emoji}}


def notice(text: str) -> Content:
    """What the bot says by itself; other bots do not answer it."""
    return {"msgtype": "m.notice", "body": text, "m.mentions": {}}


def _written(text: str) -> Content:
    """Names in an answer notify nobody: it may quote anything."""
    rendered = render(text)
    formatted = {"format": "org.matrix.custom.html", "formatted_body": rendered.html} if rendered.html else {}
    return {"msgtype": "m.text", "body": rendered.plain, **formatted, "m.mentions": {}}


def _relation(place: Place) -> Content:
    reply = _event(place.reply_to)
    if thread := _event(place.thread_id):
        # A client without threads shows it as a reply to something; that it is none is what falling back says.
        answered = {"m.in_reply_to": {"event_id": reply or thread}}
        return {"rel_type": "m.thread", "event_id": thread, "is_falling_back": reply is None, **answered}
    return {"m.in_reply_to": {"event_id": reply}} if reply else {}


def _event(found: str | None) -> str | None:
    return found if found and found.startswith("$") else None
