"""One outbound call of the core as one event."""

import hashlib
import re

from parachute_core.connectors.matrix import content
from parachute_core.connectors.matrix.api import Api
from parachute_core.connectors.matrix.faults import MatrixError, send_error
from parachute_core.connectors.matrix.own import OwnEvents
from parachute_core.model.errors import NotDelivered, Rejected
from parachute_core.model.outgoing import Outgoing, Receipt, SendKind
from parachute_core.store.lru import LeastRecentlyUsed

TYPING_FOR = 30_000
"""Milliseconds for which one sign of typing is good."""
REMEMBERED = 1000
"""Messages whose key is recognised when it comes again."""
PLAIN_KEY = re.compile(r"[A-Za-z0-9._~-]{1,64}")


def transaction(key: str) -> str:
    """What the homeserver recognises a repeated call by: the key itself, or one made of it where that could not be part of an address."""
    return key if PLAIN_KEY.fullmatch(key) else hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


class Tried:
    """The texts under which the latest messages were tried, by key, whatever became of them."""

    def __init__(self) -> None:
        self._texts: LeastRecentlyUsed[str, set[str]] = LeastRecentlyUsed(REMEMBERED)

    def otherwise(self, key: str, text: str) -> bool:
        """Note a try; True when the same message was tried with another text before, which the homeserver may have kept."""
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        before = self._texts.get(key) or set()
        before.add(digest)
        self._texts.put(key, before)
        return len(before) > 1


class Sender:
    """Sends as one account; also what the signs need (`SignCalls`)."""

    def __init__(self, api: Api, own: OwnEvents, emoji: str | None) -> None:
        self._api = api
        self._own = own
        self._emoji = emoji
        self._tried = Tried()

    async def deliver(self, outgoing: Outgoing) -> Receipt:
        """Send a message or change one. Raises `SendError`."""
        if not self._api.synced:
            raise NotDelivered("the bot does not know its rooms yet")
        encrypted = self._api.is_encrypted(outgoing.chat_id)
        if encrypted is None:
            raise NotDelivered("the bot is not in this room, or has not heard of it yet")
        if encrypted and not self._api.encrypts:
            raise Rejected("the room is encrypted; parachute-core[matrix-e2e] is not installed")
        if outgoing.kind is SendKind.EDIT:
            return await self._edit(outgoing, outgoing.target_id, outgoing.key)
        return await self._message(outgoing)

    async def _message(self, outgoing: Outgoing) -> Receipt:
        otherwise = self._tried.otherwise(outgoing.key, outgoing.text)
        event = content.message(outgoing.text, outgoing.place)
        event_id = await self._put(outgoing.chat_id, "m.room.message", event, transaction(outgoing.key))
        self._own.note(event_id)
        # A growing answer whose first state was lost on the way back: the homeserver knows the key, and gives back that first state.
        return await self._edit(outgoing, event_id, f"{outgoing.key} {outgoing.text}") if otherwise else Receipt(event_id)

    async def _edit(self, outgoing: Outgoing, event_id: str | None, key: str) -> Receipt:
        if not event_id:
            raise Rejected("an edit names no message")
        await self._put(outgoing.chat_id, "m.room.message", content.edit(outgoing.text, event_id), transaction(key))
        return Receipt(event_id)

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
        """See `SignCalls`. A reaction that may or may not be there is put there once more, which tells its id."""
        if reaction is None:
            reaction = await self.react(chat_id, message_id)
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
