"""A person whose client encrypts: the library's client on a device of its own, in a folder for its keys."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nio

from parachute_core.testing.matrix.accounts import Account
from parachute_core.testing.matrix.seen import Event, Room

POLL = 2000


class EncryptedPerson:
    """Made by `encrypted_person`. Acts at once; sees what the server had told when `sync` or `until` was last awaited."""

    def __init__(self, account: Account, client: Any) -> None:
        self.account = account
        self.id = account.user_id
        self.rooms: dict[str, Room] = {}
        """What the person read in each room, decrypted; what could not be decrypted has the type `m.room.encrypted`."""
        self._client = client

    async def create(self, *invited: str) -> str:
        """A new encrypted room as a chat of two. Returns its id."""
        encryption = nio.EnableEncryptionBuilder().as_dict()
        made = await self._client.room_create(is_direct=True, invite=list(invited), initial_state=[encryption])
        return str(made.room_id)

    async def say(self, room: str, text: str, **content: object) -> str:
        """Write, encrypted. Returns the event's id."""
        return await self.send(room, {"msgtype": "m.text", "body": text, **content})

    async def send(self, room: str, content: Mapping[str, object]) -> str:
        """Send a message, encrypted. Returns its id."""
        sent = await self._client.room_send(room, "m.room.message", dict(content), ignore_unverified_devices=True)
        return str(sent.event_id)

    async def share(self, room: str) -> None:
        """Bring the room's key to its members, which `say` does by itself."""
        await self._client.joined_members(room)
        await self._client.share_group_session(room, ignore_unverified_devices=True)

    async def say_before_shared(self, room: str, text: str) -> None:
        """Write while `share` is under way, so that the message overtakes its key."""
        self._client.olm.outbound_group_sessions[room].shared = True
        kind, content = self._client.encrypt(room, "m.room.message", {"msgtype": "m.text", "body": text})
        await self._client.send("PUT", f"/_matrix/client/v3/rooms/{quote(room)}/send/{kind}/early", json.dumps(content), self._headers())

    async def upload(self, content: bytes) -> dict[str, object]:
        """Upload a file, encrypted. Returns what an event says about where it is and how it is decrypted."""
        sealed, keys = nio.crypto.encrypt_attachment(content)
        answer, _ = await self._client.upload(lambda *_: sealed, content_type="application/octet-stream", filesize=len(sealed))
        return {**keys, "url": answer.content_uri}

    async def sync(self, wait: int = 0) -> None:
        """See what is new, and exchange keys."""
        answer = await self._client.sync(timeout=wait, sync_filter={"room": {"timeline": {"limit": 500}}})
        for room_id, info in answer.rooms.join.items():
            events = [one.source for one in info.timeline.events if "content" in one.source]
            self.rooms.setdefault(room_id, Room()).take({"timeline": {"events": events}})
        await self._client.send_to_device_messages()
        if self._client.should_upload_keys:
            await self._client.keys_upload()
        if self._client.should_query_keys:
            await self._client.keys_query()
        if self._client.should_claim_keys:
            await self._client.keys_claim(self._client.get_users_for_key_claiming())

    async def until(self, happened: Callable[[], object], within: float = 20.0) -> None:
        """Return once `happened()` is true; it is looked at whenever the server told something new. Fails after real seconds."""
        async with asyncio.timeout(within):
            while not happened():
                await self.sync(POLL)

    async def sees(self, room: str, user_id: str) -> None:
        """Return once somebody is in the room, with a device that can be written to."""
        await self.until(lambda: user_id in self._members(room) and any(self._client.device_store.active_user_devices(user_id)))

    def messages(self, room: str, by: str) -> list[Event]:
        """The messages of `by` in the room that could be read, as they are now."""
        return [one for one in self.rooms.get(room, Room()).messages() if one.sender == by]

    def texts(self, room: str, by: str) -> list[str]:
        """What `by` wrote in the room, as it reads now."""
        return [one.text for one in self.messages(room, by)]

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._client.access_token}", "Content-Type": "application/json"}

    def _members(self, room: str) -> set[str]:
        found = self._client.rooms.get(room)
        return set() if found is None else set(found.users) - set(found.invited_users)


@asynccontextmanager
async def encrypted_person(url: str, account: Account, folder: Path) -> AsyncIterator[EncryptedPerson]:
    """The person for the time of the block; `folder` exists."""
    config = nio.AsyncClientConfig(encryption_enabled=True, max_limit_exceeded=0, max_timeouts=0)
    client = nio.AsyncClient(url, account.user_id, store_path=str(folder), config=config)
    client.restore_login(account.user_id, account.device_id, account.access_token)
    try:
        person = EncryptedPerson(account, client)
        await person.sync()
        yield person
    finally:
        await client.close()
        client.store.database.close()
