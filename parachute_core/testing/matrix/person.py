"""A person on Matrix: what they do in rooms, and what they see there."""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from parachute_core.testing.matrix.accounts import Account
from parachute_core.testing.matrix.calls import Calls
from parachute_core.testing.matrix.seen import Event, Room

CLIENT = "/_matrix/client/v3"
FILTER = '{"room": {"timeline": {"limit": 500}}}'
POLL = 2000
"""Milliseconds that the server holds a sync which has nothing to tell."""


class Person:
    """Acts at once; sees what the server had told when `sync`, `until` or `reads` was last awaited."""

    def __init__(self, account: Account, calls: Calls) -> None:
        self.account = account
        self.id = account.user_id
        self.rooms: defaultdict[str, Room] = defaultdict(Room)
        """What the person saw in each room, by its id."""
        self.invites: set[str] = set()
        """Rooms that the person is invited to."""
        self._calls = calls
        self._since: str | None = None
        self._numbers = itertools.count()

    async def call(self, method: str, path: str, body: object = None, **options: Any) -> dict[str, Any]:
        """Call the client API as this person; `path` is below `/_matrix/client/v3`. Raises `Refused`."""
        return await self._calls.call(method, CLIENT + path, body, token=self.account.access_token, **options)

    async def create(self, *invited: str, name: str | None = None, direct: bool = False, encrypted: bool = False, **more: object) -> str:
        """A new room, its members invited; `more` goes to the server as it is. Returns its id."""
        state = list(more.pop("initial_state", []))  # type: ignore[call-overload]
        if encrypted:
            state.append({"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}})
        body = {"preset": "private_chat", "invite": list(invited), "is_direct": direct, "initial_state": state, **more}
        made = await self.call("POST", "/createRoom", {**body, **({"name": name} if name else {})})
        return str(made["room_id"])

    async def invite(self, room: str, user_id: str) -> None:
        """Ask somebody into a room."""
        await self.call("POST", f"/rooms/{quote(room)}/invite", {"user_id": user_id})

    async def join(self, room: str) -> None:
        """Enter a room that the person is invited to."""
        await self.call("POST", f"/join/{quote(room)}", {})

    async def leave(self, room: str) -> None:
        """Leave a room."""
        await self.call("POST", f"/rooms/{quote(room)}/leave", {})

    async def kick(self, room: str, user_id: str) -> None:
        """Put somebody out of a room."""
        await self.call("POST", f"/rooms/{quote(room)}/kick", {"user_id": user_id})

    async def say(self, room: str, text: str, **content: object) -> str:
        """Write; `content` stands beside the text in the event. Returns the event's id."""
        return await self.send(room, {"msgtype": "m.text", "body": text, **content})

    async def reply(self, room: str, to: str, text: str, **content: object) -> str:
        """Write in answer to an event."""
        return await self.say(room, text, **{"m.relates_to": {"m.in_reply_to": {"event_id": to}}, **content})

    async def edit(self, room: str, event: str, text: str) -> str:
        """Change what was written."""
        new = {"msgtype": "m.text", "body": text}
        return await self.say(room, f"* {text}", **{"m.new_content": new, "m.relates_to": {"rel_type": "m.replace", "event_id": event}})

    async def react(self, room: str, event: str, sign: str) -> str:
        """Put a reaction on an event."""
        relation = {"rel_type": "m.annotation", "event_id": event, "key": sign}
        return await self.send(room, {"m.relates_to": relation}, "m.reaction")

    async def redact(self, room: str, event: str) -> None:
        """Take an event back."""
        await self.call("PUT", f"/rooms/{quote(room)}/redact/{quote(event)}/{self._number()}", {})

    async def send(self, room: str, content: Mapping[str, object], kind: str = "m.room.message") -> str:
        """Send any event. Returns its id."""
        return str((await self.call("PUT", f"/rooms/{quote(room)}/send/{kind}/{self._number()}", content))["event_id"])

    async def set_state(self, room: str, kind: str, content: Mapping[str, object], key: str = "") -> None:
        """Set a piece of a room's state."""
        await self.call("PUT", f"/rooms/{quote(room)}/state/{kind}/{quote(key)}", content)

    async def upload(self, content: bytes, mime_type: str) -> str:
        """Upload a file. Returns its mxc address."""
        options: dict[str, Any] = {"token": self.account.access_token, "kind": mime_type}
        return str((await self._calls.call("POST", "/_matrix/media/v3/upload", content, **options))["content_uri"])

    async def members(self, room: str) -> set[str]:
        """Who is in a room now."""
        return set((await self.call("GET", f"/rooms/{quote(room)}/joined_members"))["joined"])

    async def sync(self, wait: int = 0) -> None:
        """See what is new; `wait`: milliseconds that it may take until something is."""
        query = {"timeout": str(wait), "filter": FILTER, **({"since": self._since} if self._since else {})}
        new = await self.call("GET", "/sync", query=query)
        self._since = new["next_batch"]
        rooms = new.get("rooms", {})
        self.invites |= rooms.get("invite", {}).keys()
        for room_id, room in rooms.get("join", {}).items():
            self.invites.discard(room_id)
            self.rooms[room_id].take(room)

    async def until(self, happened: Callable[[], object], within: float = 20.0) -> None:
        """Return once `happened()` is true; it is looked at whenever the server told something new. Fails after real seconds."""
        async with asyncio.timeout(within):
            while not happened():
                await self.sync(POLL)

    async def reads(self, room: str, *texts: str, by: str, within: float = 20.0) -> None:
        """Return once the room shows exactly these messages of `by`, edits made and taken back ones left out. Fails after real seconds."""
        try:
            await self.until(lambda: self.texts(room, by) == list(texts), within)
        except TimeoutError:
            raise AssertionError(f"instead of these texts the room shows {self.texts(room, by)}") from None

    def texts(self, room: str, by: str) -> list[str]:
        """What `by` wrote in the room, as it reads now."""
        return [one.text for one in self.messages(room, by)]

    def messages(self, room: str, by: str) -> list[Event]:
        """The messages of `by` in the room, as they are now."""
        return [one for one in self.rooms[room].messages() if one.sender == by]

    def reactions(self, room: str, event: str) -> set[tuple[str, str]]:
        """Who reacted to an event, and with what."""
        return self.rooms[room].reactions(event)

    def saw_typing(self, room: str) -> Iterable[frozenset[str]]:
        """Who was typing, each time that this changed."""
        return tuple(self.rooms[room].typing)

    def _number(self) -> str:
        return f"t{next(self._numbers)}"
