"""What stands between a connector and its homeserver: faults, a record of what the homeserver took, and syncs that tell what it did not."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from parachute_core.testing.http import Answer, Request
from parachute_core.testing.matrix.seen import Room
from parachute_core.testing.proxy import FaultProxy

SENT = re.compile(r"/rooms/([^/]+)/send/([^/]+)/")
REDACTED = re.compile(r"/rooms/([^/]+)/redact/([^/]+)/")
TYPING = re.compile(r"/rooms/([^/]+)/typing/")


class Between(FaultProxy):
    """In front of one account. What the homeserver confirmed is known here before the account knows it."""

    def __init__(self, target: str) -> None:
        super().__init__(target)
        self.rooms: defaultdict[str, Room] = defaultdict(Room)
        """The account's own events that the homeserver took, by room."""
        self.typed: defaultdict[str, int] = defaultdict(int)
        """How often the account was shown typing, by room."""
        self._taken: set[str] = set()
        self._news: dict[str, list[Any]] = {}
        self._pushed = asyncio.Event()

    def push(self, room: str, *events: Any) -> None:
        """Let the next sync tell of these events, whatever they are; one that waits ends with them."""
        self._news.setdefault(room, []).extend(events)
        self._pushed.set()

    async def _unrouted(self, request: Request) -> Answer:
        if request.path.endswith("/sync") and "since" in request.query:
            return await self._sync(request)
        answer = await super()._unrouted(request)
        if request.method == "PUT" and answer[0] == 200:
            self._take(request, answer)
        return answer

    async def _sync(self, request: Request) -> Answer:
        true, odd = asyncio.ensure_future(super()._unrouted(request)), asyncio.ensure_future(self._pushed.wait())
        try:
            await asyncio.wait({true, odd}, return_when=asyncio.FIRST_COMPLETED)
            return true.result() if true.done() else self._told(request.query["since"])
        finally:
            true.cancel()
            odd.cancel()
            await asyncio.gather(true, odd, return_exceptions=True)

    def _told(self, since: str) -> Answer:
        news, self._news = self._news, {}
        self._pushed.clear()
        empty: Mapping[str, Any] = {"state": {"events": []}, "ephemeral": {"events": []}, "account_data": {"events": []}}
        joined = {room: {**empty, "timeline": {"events": events, "limited": False, "prev_batch": since}} for room, events in news.items()}
        return 200, {}, {"next_batch": since, "rooms": {"join": joined, "invite": {}, "leave": {}}}

    def _take(self, request: Request, answer: Answer) -> None:
        if found := TYPING.search(request.path):
            self.typed[unquote(found[1])] += bool(request.json()["typing"])
        elif found := SENT.search(request.path):
            self._note(found[1], answer, {"type": unquote(found[2]), "content": request.json()})
        elif found := REDACTED.search(request.path):
            self._note(found[1], answer, {"type": "m.room.redaction", "redacts": unquote(found[2]), "content": {}})

    def _note(self, room: str, answer: Answer, event: Mapping[str, Any]) -> None:
        event_id = str(Request("", "", {}, {}, answer[2]).json()["event_id"])
        if event_id not in self._taken:  # else it is a repetition that the homeserver recognised
            self._taken.add(event_id)
            self.rooms[unquote(room)].take({"timeline": {"events": [{**event, "event_id": event_id, "sender": ""}]}})
