"""One outbound call of the core as one event."""

import hashlib
import re

from parachute_core.connectors.matrix import content
from parachute_core.connectors.matrix.api import Api
from parachute_core.connectors.matrix.faults import MatrixError, send_error
from parachute_core.connectors.matrix.own import OwnEvents
from parachute_core.model.errors import NotDelivered, Rejected
from parachute_core.model.outgoing import Outgoing, Receipt, SendKind

TYPING_FOR = 30_000
"""Milliseconds for which one sign of typing is good."""
PLAIN_KEY = re.compile(r"[A-Za-z0-9._~-]{1,64}")


def transaction(key: str) -> str:
    """What the homeserver recognises a repeated call by: the key itself, or one made of it where that could not be part of an address."""
    return key if PLAIN_KEY.fullmatch(key) else hashlib.sha256(key.encode()).hexdigest()


class Sender:
    """Sends as one account; also what the signs need (`SignCalls`)."""

    def __init__(self, api: Api, own: OwnEvents, emoji: str | None) -> None:
        self._api = api
        self._own = own
        self._emoji = emoji

    async def deliver(self, outgoing: Outgoing) -> Receipt:
        """Send a message or change one. Raises `SendError`."""
        if not self._api.synced:
            raise NotDelivered("the bot does not know its rooms yet")
        room = self._api.room(outgoing.chat_id)
        if room is None:
            raise NotDelivered("the bot is not in this room, or has not heard of it yet")
        if room.encrypted and not self._api.encrypts:
            raise Rejected("the room is encrypted; parachute-core[matrix-e2e] is not installed")
        if outgoing.kind is SendKind.EDIT and not outgoing.target_id:
            raise Rejected("an edit names no message")
        event = content.edit(outgoing.text, outgoing.target_id) if outgoing.kind is SendKind.EDIT and outgoing.target_id else None
        written = event or content.message(outgoing.text, outgoing.place)
        event_id = await self._put(outgoing.chat_id, "m.room.message", written, transaction(outgoing.key))
        self._own.note(event_id)
        return Receipt(outgoing.target_id if event else event_id)

    async def show_typing(self, chat_id: str, thread_id: str | None) -> None:  # noqa: ARG002 - typing has no threads here
        """See `SignCalls`."""
        await self._typing(chat_id, TYPING_FOR)

    async def hide_typing(self, chat_id: str, thread_id: str | None) -> None:  # noqa: ARG002 - as above
        """See `SignCalls`."""
        await self._typing(chat_id, 0)

    async def react(self, chat_id: str, message_id: str) -> str | None:
        """See `SignCalls`: returns the reaction's own id."""
        if self._emoji is None:
            return None
        return await self._put(chat_id, "m.reaction", content.reaction(message_id, self._emoji), transaction(f"react {message_id}"))

    async def take_off(self, chat_id: str, message_id: str, reaction: str | None) -> None:
        """See `SignCalls`."""
        if reaction is None:
            return
        try:
            await self._api.redact(chat_id, reaction, transaction(f"redact {message_id}"))
        except MatrixError as error:
            raise send_error(error) from error

    async def _put(self, room_id: str, kind: str, event: content.Content, transaction_id: str) -> str:
        try:
            return await self._api.send(room_id, kind, event, transaction_id)
        except MatrixError as error:
            raise send_error(error) from error

    async def _typing(self, room_id: str, milliseconds: int) -> None:
        try:
            await self._api.typing(room_id, milliseconds)
        except MatrixError as error:
            raise send_error(error) from error
