"""What a room is to the bot: a chat with one person, a group that it takes part in, or none of its business."""

from dataclasses import dataclass

from parachute_core.connectors.matrix.bridges import is_bridge_bot, is_ghost
from parachute_core.connectors.matrix.told import Room
from parachute_core.model.message import ChatType


@dataclass(frozen=True, slots=True)
class Standing:
    """How messages of a room are taken."""

    chat_type: ChatType
    bridged: bool
    """Whether people of another network are in it, who count as the room: it is the room that is let in."""


def standing(room: Room, me: str, *, direct: bool, allowed: bool) -> Standing | None:
    """`direct`: it was begun as a chat of two; `allowed`: it is on the allowlist. None: what is said there is not for the bot.

    Who is asked into a room counts as being in it: a chat of two is none any more once a third is asked.
    """
    others = room.others(me)
    ghosts = sum(is_ghost(one, me) for one in others)
    if ghosts == 1:
        return Standing(ChatType.DIRECT, bridged=True)
    if ghosts:
        return Standing(ChatType.GROUP, bridged=True) if allowed else None
    if len(others) <= 1 and (direct or not room.named) and not any(is_bridge_bot(one, me) for one in others):
        return Standing(ChatType.DIRECT, bridged=False)
    return Standing(ChatType.GROUP, bridged=False) if allowed else None
