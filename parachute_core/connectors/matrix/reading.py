"""The library's objects into our records."""

from collections.abc import Mapping
from typing import Any

import nio

from parachute_core.connectors.matrix.told import Batch, Invitation, Raw, Room, RoomNews


def batch_of(answer: Any, rooms: Mapping[str, Any], me: str) -> Batch:
    """What a sync tells; `rooms` are the library's, brought up to date by it."""
    joined = {room_id: info for room_id, info in answer.rooms.join.items() if room_id in rooms}
    invitations = [found for room_id, info in answer.rooms.invite.items() if (found := _invitation(room_id, info, me))]
    return Batch(
        next=str(answer.next_batch),
        news=tuple(_news(joined_room(rooms[room_id]), info) for room_id, info in joined.items()),
        invitations=tuple(invitations),
        left=frozenset(answer.rooms.leave),
        empty=not (joined or invitations or answer.rooms.leave or answer.to_device_events),
    )


def joined_room(room: Any) -> Room:
    """A room as the library knows it."""
    members = {str(user_id): user.display_name or None for user_id, user in room.users.items()}
    return Room(
        id=str(room.room_id),
        named=bool(room.name or room.canonical_alias),
        alias=room.canonical_alias or None,
        members=members,
    )


def raw(event: Any) -> Raw:
    """An event as it came; of memberships the library keeps the content elsewhere."""
    source: Raw = event.source
    return {**source, "content": event.content} if isinstance(event, nio.RoomMemberEvent) else source


def _news(room: Room, info: Any) -> RoomNews:
    timeline = info.timeline
    gap = timeline.prev_batch if timeline.limited and isinstance(timeline.prev_batch, str) else None
    return RoomNews(room, tuple(raw(event) for event in timeline.events), gap)


def _invitation(room_id: str, info: Any, me: str) -> Invitation | None:
    aliases = [event.canonical_alias for event in info.invite_state if isinstance(event, nio.InviteAliasEvent)]
    for event in info.invite_state:
        if isinstance(event, nio.InviteMemberEvent) and event.state_key == me and event.membership == "invite":
            direct = event.content.get("is_direct") is True
            return Invitation(str(room_id), str(event.sender), direct, next((one for one in aliases if isinstance(one, str)), None))
    return None
