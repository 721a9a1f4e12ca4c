"""Who is let in, and when they were last seen."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime

from parachute_core.clock import Clock
from parachute_core.engine.access import AccessControl
from parachute_core.model.errors import StoreError
from parachute_core.model.message import ChatType, Inbound
from parachute_core.model.names import plain_name
from parachute_core.model.trust import TrustLevel
from parachute_core.store.people import PeopleRows, Person, Sighting
from parachute_core.store.timestamps import from_text, to_text

KEPT_EVERY = 60.0
"""Seconds between two writes of who was seen; a crash forgets no more than that."""

NEVER: tuple[str, None] = ("", None)
"""The moment, as text, and the name of who was not seen yet."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LetIn:
    """Somebody who is on the allowlist."""

    platform: str
    user_id: str
    trust_level: TrustLevel | None
    """In a direct chat. None: it cannot be read, and they are refused."""
    name: str | None
    """As they called themselves when they last wrote; untrusted, cleaned and cut. None: unknown."""
    last_seen: datetime | None
    """When they last wrote: aware, UTC. None: never, as far as is known."""


class People:
    """Remembers in memory, and keeps it once a minute: nothing waits for a write."""

    def __init__(self, access: AccessControl, rows: PeopleRows, clock: Clock) -> None:
        self._access = access
        self._rows = rows
        self._clock = clock
        self._unkept: dict[Person, Sighting] = {}
        self._kept_at = clock.monotonic()
        self._keeping: asyncio.Task[None] | None = None

    def saw(self, message: Inbound) -> None:
        """Somebody who is let in wrote."""
        name = plain_name(message.user_name) or None if message.user_name else None
        self._unkept[message.platform, message.user_id] = Sighting(self._clock.now(), name)
        if self._clock.monotonic() - self._kept_at >= KEPT_EVERY:
            self._kept_at = self._clock.monotonic()
            self._keeping = asyncio.create_task(self.keep())

    async def keep(self) -> None:
        """Write down who was seen. What the store does not take is kept in memory, and tried again."""
        unkept, self._unkept = self._unkept, {}
        if not unkept:
            return
        try:
            await self._rows.put(unkept)
        except StoreError as error:
            self._unkept = {**unkept, **self._unkept}
            log.warning("who was seen could not be kept", extra={"error": str(error)})

    async def purge(self) -> None:
        """Forget those who are not let in any more. Raises `StoreError`."""
        await self._rows.keep_only(self._access.everyone())

    def page(self, platform: str | None, sought: str | None, limit: int, offset: int) -> tuple[list[LetIn], int]:
        """Who is let in, the last seen first, and how many there are: `limit` of them after the first `offset`.

        `sought`: what the id or the name has in it, in whatever case. Raises `StoreError`.
        """
        seen = self._rows.all()
        for one, unkept in self._unkept.items():
            seen[one] = to_text(unkept.at), unkept.name or (seen[one][1] if one in seen else None)
        found = [one for one in self._access.everyone() if platform in (None, one[0])]
        if sought:
            found = [one for one in found if _has(one, seen.get(one, NEVER)[1], sought.lower())]
        found.sort()
        found.sort(key=lambda one: seen.get(one, NEVER)[0], reverse=True)
        return [self._let_in(one, *seen.get(one, NEVER)) for one in found[offset : offset + limit]], len(found)

    def _let_in(self, one: Person, seen_at: str, name: str | None) -> LetIn:
        return LetIn(*one, self._access.trust(*one, ChatType.DIRECT), name, from_text(seen_at) if seen_at else None)


def _has(one: Person, name: str | None, sought: str) -> bool:
    return sought in one[1].lower() or (name is not None and sought in name.lower())
