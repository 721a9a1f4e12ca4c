"""What a client shows of a room: events with their edits made, their redactions and reactions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """A message as it reads now."""

    id: str
    sender: str
    content: Mapping[str, Any]

    @property
    def text(self) -> str:
        """Its plain text."""
        return str(self.content.get("body", ""))

    @property
    def html(self) -> str | None:
        """Its formatted text; None: it has none."""
        return self.content.get("formatted_body")

    @property
    def relation(self) -> Mapping[str, Any]:
        """What it says about other events."""
        found: Mapping[str, Any] = self.content.get("m.relates_to", {})
        return found


class Room:
    """Everything that was told about one room, in order."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        """Timeline events as they came."""
        self.typing: list[frozenset[str]] = []
        """Who was typing, each time that this changed."""

    def take(self, news: Mapping[str, Any]) -> None:
        """Take over what a sync tells."""
        self.events += news.get("timeline", {}).get("events", [])
        for event in news.get("ephemeral", {}).get("events", []):
            if event["type"] == "m.typing":
                self.typing.append(frozenset(event["content"]["user_ids"]))

    def messages(self) -> list[Event]:
        """What was written, with edits made, without what was taken back."""
        gone = self._redacted()
        edited = {
            relation["event_id"]: event["content"].get("m.new_content", {})
            for event in self.events
            if (relation := _relation(event)).get("rel_type") == "m.replace" and event["event_id"] not in gone
        }
        return [
            Event(event["event_id"], event["sender"], {**event["content"], **edited.get(event["event_id"], {})})
            for event in self.events
            if event["type"] == "m.room.message" and event["content"] and event["event_id"] not in gone
            if _relation(event).get("rel_type") != "m.replace"
        ]

    def reactions(self, event_id: str) -> set[tuple[str, str]]:
        """Who reacted to an event and with what, without what was taken back."""
        gone = self._redacted()
        return {
            (event["sender"], relation["key"])
            for event in self.events
            if event["type"] == "m.reaction" and event["event_id"] not in gone
            if (relation := _relation(event)).get("event_id") == event_id
        }

    def _redacted(self) -> set[str]:
        return {
            str(event.get("redacts") or event["content"].get("redacts")) for event in self.events if event["type"] == "m.room.redaction"
        }


def _relation(event: Mapping[str, Any]) -> Mapping[str, Any]:
    found = event["content"].get("m.relates_to")
    return found if isinstance(found, Mapping) else {}
