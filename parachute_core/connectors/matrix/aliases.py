"""Addresses of rooms (`#name:server`) on the allowlist, and which rooms they lead to: as the homeserver says, never the room itself."""

import asyncio
from collections.abc import Iterable

from parachute_core.clock import Clock
from parachute_core.connectors.base import Link
from parachute_core.connectors.matrix.api import Api
from parachute_core.connectors.matrix.faults import MatrixError

GOOD_FOR = 600.0
"""Seconds after which an address is looked up again."""
TRY_AGAIN = 300.0
"""The same where it could not be looked up."""
MOST = 500
"""Addresses that are remembered."""


class Aliases:
    """Asked for each room with each sync, so it answers from what it looked up before."""

    def __init__(self, api: Api, clock: Clock, listed: Iterable[str]) -> None:
        self._api = api
        self._clock = clock
        self._rooms: dict[str, str | None] = {one: None for one in listed if one.startswith("#")}
        self._look_up_at: dict[str, float] = {}

    async def refresh(self, link: Link, claimed: Iterable[str]) -> None:
        """Look up the addresses that are allowed: those of the settings, and those that rooms claim to have."""
        for alias in claimed:
            if alias not in self._rooms and len(self._rooms) < MOST and link.is_allowed(alias):
                self._rooms[alias] = None
        now = self._clock.monotonic()
        due = [alias for alias in self._rooms if self._look_up_at.get(alias, now) <= now and link.is_allowed(alias)]
        await asyncio.gather(*(self._look_up(alias, now) for alias in due))

    async def _look_up(self, alias: str, now: float) -> None:
        try:
            self._rooms[alias] = await self._api.resolve(alias)
            self._look_up_at[alias] = now + GOOD_FOR
        except MatrixError:
            self._look_up_at[alias] = now + TRY_AGAIN

    def allows(self, room_id: str, link: Link) -> bool:
        """Whether the room is on the allowlist, by its id or by an address that leads to it."""
        return link.is_allowed(room_id) or any(target == room_id and link.is_allowed(alias) for alias, target in self._rooms.items())
