"""What a sync tells of a room, as messages for the core: in order, and only what is for the bot to know."""

import logging
from collections.abc import Sequence

from parachute_core.clock import Clock
from parachute_core.config.values import MentionMode
from parachute_core.connectors.base import Link
from parachute_core.connectors.matrix.addressing import addressed, as_command
from parachute_core.connectors.matrix.api import Api
from parachute_core.connectors.matrix.bridges import is_bridge_bot, is_ghost
from parachute_core.connectors.matrix.faults import Refused
from parachute_core.connectors.matrix.late import LateKeys
from parachute_core.connectors.matrix.own import OwnEvents
from parachute_core.connectors.matrix.said import Ignored, Said, read
from parachute_core.connectors.matrix.secrecy import Secrecy
from parachute_core.connectors.matrix.standing import Standing
from parachute_core.connectors.matrix.told import Raw, Room, RoomNews
from parachute_core.model.message import ChatType, Inbound

MOST_MISSED = 200
"""Events of one room that are fetched at most when it has more news than one sync tells; older ones are not answered."""


class Inbox:
    """Reads as one account."""

    def __init__(
        self,
        api: Api,
        me: str,
        own: OwnEvents,
        secrecy: Secrecy,
        late: LateKeys,
        *,
        platform: str,
        mode: MentionMode,
        clock: Clock,
        logger: logging.Logger,
    ) -> None:
        self._api = api
        self._me = me
        self._own = own
        self._secrecy = secrecy
        self._late = late
        self._platform = platform
        self._mode = mode
        self._clock = clock
        self._logger = logger

    async def look_again(self) -> list[RoomNews]:
        """What can be decrypted by now and could not be before; where the wait was in vain the room is told."""
        readable, given_up = self._late.look()
        for room_id in dict.fromkeys(given_up):
            await self._secrecy.unreadable(room_id)
        return [RoomNews(room, (event,), None) for room_id, event in readable if (room := self._api.room(room_id)) is not None]

    async def take(self, news: RoomNews, at: Standing, since: str, link: Link) -> None:
        """Hand over what was said in the room, after the bot came or was asked into it. Raises `MatrixError`."""
        events = news.events
        if news.gap is not None and self._entry(events) is None:
            events = (*await self._missed(news.room.id, news.gap, since), *events)
        for event in events[self._first(events, at) :]:
            await self._hand_over(event, news.room, at, link)

    async def _missed(self, room_id: str, gap: str, since: str) -> list[Raw]:
        missed: list[Raw] = []
        start: str | None = gap
        while start is not None and len(missed) < MOST_MISSED:
            try:
                page, start = await self._api.older(room_id, start, since)
            except Refused as refused:
                if refused.limited or refused.of_token or not 400 <= refused.status < 500:
                    raise
                # It will not be given out; that must not keep what is new in this room, and in all others, from being answered.
                self._logger.warning("what was missed in a room is not given out", extra={"room_id": room_id, "error": str(refused)})
                break
            missed += page
            if not page:
                break
        return missed[:MOST_MISSED][::-1]

    def _first(self, events: Sequence[Raw], at: Standing) -> int:
        """Where the bot begins to listen: in a group once it is there, in a chat of two from when it was asked in."""
        entry = self._entry(events)
        if entry is None or at.chat_type is ChatType.GROUP:
            return 0 if entry is None else entry + 1
        asked = [number for number, event in enumerate(events[:entry]) if self._membership(event) == "invite"]
        return asked[-1] + 1 if asked else entry + 1

    def _entry(self, events: Sequence[Raw]) -> int | None:
        """The event with which the bot came into the room, if that is among these."""
        return max(
            (number for number, event in enumerate(events) if self._membership(event) == "join" and not _was_there(event)), default=None
        )

    def _membership(self, event: Raw) -> object:
        content = event.get("content")
        own = event.get("type") == "m.room.member" and event.get("state_key") == self._me
        return content.get("membership") if own and isinstance(content, dict) else None

    async def _hand_over(self, event: Raw, room: Room, at: Standing, link: Link) -> None:
        try:
            found = await self._read(event, room, at)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            self._logger.warning("an event cannot be read", extra={"room_id": room.id, "error": type(error).__name__})
            return
        if isinstance(found, Ignored):
            self._logger.debug("an event is ignored", extra={"room_id": room.id, "reason": found.why})
            return
        await link.receive(found)

    async def _read(self, event: Raw, room: Room, at: Standing) -> Inbound | Ignored:
        sender = event["sender"]
        if sender == self._me:
            if isinstance(event.get("event_id"), str):
                self._own.note(event["event_id"])
            return Ignored("the bot's own")
        if not isinstance(sender, str) or is_bridge_bot(sender, self._me):
            return Ignored("not from a person")
        if event["type"] == "m.room.encrypted":
            if self._api.encrypts:
                self._late.wait(room.id, event)
            else:
                await self._secrecy.unreadable(room.id)
            return Ignored("encrypted, and not readable")
        said = read(event)
        return said if isinstance(said, Ignored) else await self._message(said, room, at)

    async def _message(self, said: Said, room: Room, at: Standing) -> Inbound:
        named = addressed(said, self._me, room.members.get(self._me))
        ghost = is_ghost(said.sender, self._me)
        # In a bridged chat of two the bot talks with the one on the other side; the others there write to that one too.
        alone = at.chat_type is ChatType.DIRECT and (ghost or not at.bridged)
        meant = alone or self._mode is MentionMode.ALL_MESSAGES or named.by_name
        if not meant and said.reply_to is not None:
            meant = await self._own.wrote(room.id, said.reply_to, self._me)
        return Inbound(
            platform=self._platform,
            chat_id=room.id,
            user_id=room.id if ghost else said.sender,
            text=as_command(named.text if named.by_name else said.text.strip()),
            message_id=said.event_id,
            received_at=self._clock.now(),
            chat_type=at.chat_type,
            user_name=room.members.get(said.sender),
            addressed=meant,
            thread_id=said.thread_id,
            attachments=(said.attachment,) if said.attachment else (),
            voice=said.voice,
        )


def _was_there(event: Raw) -> bool:
    """Whether a membership changes nothing but a name or a picture."""
    unsigned = event.get("unsigned")
    before = unsigned.get("prev_content") if isinstance(unsigned, dict) else None
    return isinstance(before, dict) and before.get("membership") == "join"
