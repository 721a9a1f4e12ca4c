"""Grants that end by themselves: until when each lasts, in the table and in memory."""

import asyncio
from datetime import datetime

from parachute_core import Clock, PluginStore, within

Person = tuple[str, str]
"""Platform and user id."""


class Terms:
    """Who is let in until when. Who is not in here is let in for good, or not at all."""

    def __init__(self, store: PluginStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._until: dict[Person, datetime] = {}
        self._changed = asyncio.Event()

    async def load(self) -> None:
        """Read the table. Raises `StoreError`."""
        rows = await self._store.fetch_all("SELECT platform, user_id, until FROM pairing_terms")
        self._until = {(row["platform"], row["user_id"]): datetime.fromisoformat(row["until"]) for row in rows}
        self._changed.set()

    def note(self, person: Person, until: datetime | None) -> None:
        """The table says so now; None: the person's grant has no end."""
        self._until.pop(person, None)
        if until is not None:
            self._until[person] = until
        self._changed.set()

    async def forget(self, person: Person) -> None:
        """This person's grant has no end any more, or is over. Raises `StoreError`."""
        if person in self._until:
            async with self._store.transaction() as transaction:
                await transaction.execute(
                    "DELETE FROM pairing_terms WHERE platform = :platform AND user_id = :user_id",
                    {"platform": person[0], "user_id": person[1]},
                )
            self.note(person, None)

    def until(self, person: Person) -> datetime | None:
        """When the person's grant ends; None: it has no end, or there is none."""
        return self._until.get(person)

    def over(self, person: Person) -> bool:
        """Whether the person's grant has ended."""
        until = self._until.get(person)
        return until is not None and until <= self._clock.now()

    def all_over(self) -> list[Person]:
        """Everyone whose grant has ended, the longest ago first."""
        return sorted((one for one in self._until if self.over(one)), key=lambda one: self._until[one])

    async def next_end(self) -> None:
        """Return once a grant ends, or something was changed about the ends."""
        self._changed.clear()
        if not self._until:
            await self._changed.wait()
            return
        seconds = (min(self._until.values()) - self._clock.now()).total_seconds()
        if seconds > 0:
            try:
                await within(self._clock, seconds, self._changed.wait())
            except TimeoutError:
                return
