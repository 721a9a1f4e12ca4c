"""When each of those who are let in last wrote, and what they called themselves then."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from parachute_core.store.database import Database
from parachute_core.store.timestamps import to_text

Person = tuple[str, str]
"""Platform and user id."""

PUT = """
INSERT INTO people (platform, user_id, name, seen_at) VALUES (:platform, :user_id, :name, :seen_at)
ON CONFLICT (platform, user_id) DO UPDATE SET name = COALESCE(excluded.name, people.name), seen_at = excluded.seen_at"""
ALL = "SELECT platform, user_id, name, seen_at FROM people"
FORGET = "DELETE FROM people WHERE platform = :platform AND user_id = :user_id"


class Sighting(NamedTuple):
    """When somebody was last seen."""

    at: datetime
    """Aware, UTC."""
    name: str | None
    """As they called themselves; untrusted, cleaned and cut. None: they never said."""


class PeopleRows:
    """The people table. Every method raises `StoreError` when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, seen: Mapping[Person, Sighting]) -> None:
        """Keep these; a name that is not told anew stays."""
        rows = [
            {"platform": platform, "user_id": user_id, "name": one.name, "seen_at": to_text(one.at)}
            for (platform, user_id), one in seen.items()
        ]
        await self._database.write_all([(PUT, rows)])

    def all(self) -> dict[Person, tuple[str, str | None]]:
        """Everybody's moment, as `timestamps` writes it, and name: there may be thousands, and few are looked at."""
        return {(platform, user_id): (seen_at, name) for platform, user_id, name, seen_at in self._database.read_values(ALL)}

    async def keep_only(self, people: Collection[Person]) -> None:
        """Forget everybody else."""
        gone: Iterable[Person] = self.all().keys() - set(people)
        rows = [{"platform": platform, "user_id": user_id} for platform, user_id in gone]
        if rows:
            await self._database.write_all([(FORGET, rows)])
