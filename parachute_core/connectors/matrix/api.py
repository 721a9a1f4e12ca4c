"""A homeserver's client API as the connector uses it: typed records in and out, and every failure a `MatrixError`."""

import json
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nio

from parachute_core.clock import Clock
from parachute_core.connectors.matrix.faults import MatrixError, Refused, Unanswered
from parachute_core.connectors.matrix.library import Client, Timeouts, failure, open_session, refusal
from parachute_core.connectors.matrix.reading import batch_of, joined_room, raw
from parachute_core.connectors.matrix.told import Batch, Identity, Raw, Room

FILTER = {"presence": {"types": []}, "room": {"timeline": {"limit": 50}, "ephemeral": {"types": []}, "account_data": {"types": []}}}
PAGE = 100
"""Events of one page of a room's history."""


class Api:
    """The bot's account on its homeserver. Calls need `opened`; all of them raise `MatrixError`."""

    def __init__(self, url: str, token: str, timeouts: Timeouts, clock: Clock) -> None:
        self._url = url.rstrip("/")
        self._token = token
        self._timeouts = timeouts
        self._clock = clock
        self._client = self._made(None, None, "")
        self._users = 0
        self._logged_in = False
        self._synced = False

    def log_in(self, identity: Identity, device_id: str, store: Path | None, store_key: str) -> None:
        """Be this device from now on; a second time nothing changes. `store`: the folder for keys; None: without encryption."""
        if self._logged_in:
            return
        session = self._client.client_session
        self._client = self._made(Identity(identity.user_id, device_id), store, store_key)
        self._client.client_session = session
        self._logged_in = True

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Connections for the time of the block; several blocks at once share them."""
        if self._users == 0:
            self._client.client_session = open_session()
        self._users += 1
        try:
            yield
        finally:
            self._users -= 1
            if self._users == 0:
                session, self._client.client_session = self._client.client_session, None
                await session.close()

    @property
    def synced(self) -> bool:
        """Whether it is known which rooms the bot is in."""
        return self._synced

    @property
    def encrypts(self) -> bool:
        """Whether encrypted rooms can be read and written."""
        return self._client.olm is not None

    def room(self, room_id: str) -> Room | None:
        """A room that the bot is in, as it was at the last sync; None: it is not in it."""
        found = self._client.rooms.get(room_id)
        return None if found is None else joined_room(found)

    def is_encrypted(self, room_id: str) -> bool | None:
        """Whether a room that the bot is in is encrypted; None: it is not in it."""
        found = self._client.rooms.get(room_id)
        return None if found is None else bool(found.encrypted)

    async def whoami(self) -> Identity:
        """Who the token belongs to."""
        answer = await self._asked(self._client.whoami(), nio.WhoamiResponse)
        return Identity(str(answer.user_id), answer.device_id or None)

    async def sync(self, since: str | None, *, wait: bool) -> Batch:
        """What is new since then; None: how things are. With `wait`, once something is new or time is up."""
        first = not self._synced
        call = self._client.sync(
            timeout=int(self._timeouts.poll * 1000) if wait else 0,
            sync_filter=FILTER,
            since=since,
            full_state=(first and since is not None) or None,
        )
        answer = await self._asked(call, nio.SyncResponse)
        self._synced = True
        return batch_of(answer, self._client.rooms, self._client.user_id)

    async def older(self, room_id: str, start: str, end: str) -> tuple[list[Raw], str | None]:
        """The events before `start` back to `end`, newest first, and where the next page starts; None: that was all."""
        answer = await self._asked(self._client.room_messages(room_id, start, end, limit=PAGE), nio.RoomMessagesResponse)
        return [raw(event) for event in answer.chunk], answer.end or None

    async def event(self, room_id: str, event_id: str) -> Raw:
        """One event."""
        return raw((await self._asked(self._client.room_get_event(room_id, event_id), nio.RoomGetEventResponse)).event)

    async def resolve(self, alias: str) -> str | None:
        """The room that an address leads to; None: it leads nowhere."""
        try:
            return str((await self._asked(self._client.room_resolve_alias(alias), nio.RoomResolveAliasResponse)).room_id)
        except Refused as refused:
            if refused.status == 404 or refused.errcode in ("M_NOT_FOUND", "M_INVALID_PARAM"):
                return None
            raise

    async def direct_rooms(self) -> frozenset[str]:
        """The rooms that the account keeps as chats of two."""
        try:
            answer = await self._asked(self._client.list_direct_rooms(), nio.DirectRoomsResponse)
        except Refused as refused:
            if refused.status == 404:
                return frozenset()
            raise
        return frozenset(str(room) for rooms in answer.rooms.values() if isinstance(rooms, list) for room in rooms)

    async def join(self, room_id: str) -> None:
        """Enter a room."""
        await self._asked(self._client.join(room_id), nio.JoinResponse)

    async def send(self, room_id: str, kind: str, content: Mapping[str, Any], transaction: str) -> str:
        """Put an event into a room, encrypted where the room is; the same `transaction` again puts it there once. Returns its id."""
        await self._share_keys(room_id)
        call = self._client.room_send(room_id, kind, dict(content), tx_id=transaction, ignore_unverified_devices=True)
        return str((await self._asked(call, nio.RoomSendResponse)).event_id)

    async def redact(self, room_id: str, event_id: str, transaction: str) -> None:
        """Take an event back."""
        await self._asked(self._client.room_redact(room_id, event_id, tx_id=transaction), nio.RoomRedactResponse)

    async def typing(self, room_id: str, milliseconds: int) -> None:
        """Show that the bot is typing for so long; 0: that it is not."""
        await self._asked(self._client.room_typing(room_id, milliseconds > 0, milliseconds), nio.RoomTypingResponse)

    async def download(self, server: str, media: str, most: int) -> bytes | None:
        """A file of the homeserver's, or None when it has more than `most` bytes."""
        path = f"/_matrix/client/v1/media/download/{quote(server, safe='')}/{quote(media, safe='')}"
        try:
            answer = await self._client.send("GET", path, headers={"Authorization": f"Bearer {self._token}"})
            async with answer:
                if answer.status != 200:
                    raise Refused(answer.status, await _errcode(answer))
                content = bytearray()
                async for piece in answer.content.iter_chunked(65536):
                    content += piece
                    if len(content) > most:
                        return None
                return bytes(content)
        except Exception as error:
            raise failure(error) from error

    async def keep_up_encryption(self) -> None:
        """Hand out and fetch what encryption needs, as it was asked for by the last sync. Safe to repeat."""
        client = self._client
        if client.olm is None:
            return
        try:
            await client.send_to_device_messages()
            if client.should_upload_keys:
                await client.keys_upload()
            if client.should_query_keys:
                await client.keys_query()
            if client.should_claim_keys:
                await client.keys_claim(client.get_users_for_key_claiming())
        except Exception as error:
            raise failure(error) from error

    def decrypted(self, room_id: str, event: Raw) -> Raw | None:
        """The event in clear; None: its key is not there."""
        try:
            sealed = nio.Event.parse_encrypted_event(dict(event))
            sealed.room_id = room_id
            return raw(self._client.decrypt_event(sealed))
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it cannot be read
            return None

    def close_store(self) -> None:
        """Let go of the file with the keys, after the last call."""
        if self._client.store is not None:
            self._client.store.database.close()

    def _made(self, identity: Identity | None, store: Path | None, store_key: str) -> Client:
        user_id, device_id = (identity.user_id, identity.device_id or "") if identity else ("", "")
        client = Client(self._url, user_id, device_id, self._timeouts, store, store_key)
        client.user_id, client.device_id, client.access_token = user_id, device_id, self._token
        if store is not None:
            client.load_store()
        return client

    async def _share_keys(self, room_id: str) -> None:
        """Bring a room's key to its members before it is used: the library takes it for shared even where that did not work."""
        client = self._client
        room = client.rooms.get(room_id)
        if client.olm is None or room is None or not room.encrypted:
            return
        if not room.members_synced:
            await self._asked(client.joined_members(room_id), nio.JoinedMembersResponse)
        if client.should_query_keys:
            await self._asked(client.keys_query(), nio.KeysQueryResponse)
        if client.olm.should_share_group_session(room_id) and room_id not in client.sharing_session:
            failed = client.keys_not_shared
            await self._asked(client.share_group_session(room_id, ignore_unverified_devices=True), nio.ShareGroupSessionResponse)
            if client.keys_not_shared != failed:
                client.invalidate_outbound_session(room_id)
                raise Unanswered("the key of the room could not be shared", never_sent=True)

    async def _asked(self, call: Awaitable[Any], wanted: type[Any]) -> Any:
        """The answer to a call, which must be of the `wanted` kind."""
        try:
            answer = await call
        except MatrixError:
            raise
        except Exception as error:
            raise failure(error) from error
        if not isinstance(answer, wanted):
            raise refusal(answer, self._clock.now())
        return answer


async def _errcode(answer: Any) -> str:
    try:
        body = json.loads(await answer.content.read(65536))
    except ValueError:
        return ""
    return str(body.get("errcode", "")) if isinstance(body, dict) else ""
