"""What whoever posted something may wait for."""

import asyncio
from enum import StrEnum
from typing import NamedTuple

from parachute_core.model.errors import SendError


class Fate(StrEnum):
    """How far something that was posted has come."""

    DELIVERED = "delivered"
    WAITING = "waiting"
    """Not there yet; it is kept, and delivered when that is possible."""
    LOST = "lost"
    """Given up, recorded, and told where that helps."""
    WITHHELD = "withheld"
    """Not to be delivered any more."""


class Outcome(NamedTuple):
    """What became of it, and for which error it was lost or withheld."""

    fate: Fate
    error: SendError | None = None


class Posting:
    """The parts of one text that were posted together."""

    def __init__(self, ids: tuple[int, ...]) -> None:
        self.ids = ids
        """The outbox ids of the parts, in order."""
        self._left = set(ids)
        self._outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

    async def outcome(self) -> Outcome:
        """Return once every part is delivered, or it is clear that this does not happen now."""
        return await asyncio.shield(self._outcome)

    def delivered(self, part: int) -> None:
        """One part has arrived."""
        self._left.discard(part)
        if not self._left:
            self.settle(Outcome(Fate.DELIVERED))

    def settle(self, outcome: Outcome) -> None:
        """The outcome is known; the first word counts."""
        if not self._outcome.done():
            self._outcome.set_result(outcome)
