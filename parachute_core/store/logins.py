"""Who is logged in to the owner's page. Of what the browser holds, a hash alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from parachute_core.hooks.shapes import Row
from parachute_core.store.database import Database
from parachute_core.store.timestamps import from_text, to_text

ALIVE = "until > :now AND seen_at > :idle"
OPEN = """
INSERT INTO logins (digest, id, made_at, seen_at, until, agent)
VALUES (:digest, :id, :now, :now, :until, :agent)"""
FIND = f"SELECT id, made_at, seen_at, until, agent FROM logins WHERE digest = :digest AND {ALIVE}"  # noqa: S608 - constants
LIST = f"SELECT id, made_at, seen_at, until, agent FROM logins WHERE {ALIVE} ORDER BY made_at DESC, id"  # noqa: S608 - constants
CROP = f"""
DELETE FROM logins WHERE NOT ({ALIVE})
    OR digest NOT IN (SELECT digest FROM logins ORDER BY made_at DESC, rowid DESC LIMIT :most)"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Login:
    """One browser that is logged in. Times are aware, UTC."""

    id: str
    """Names it for whoever wants to end it; logs nobody in."""
    made_at: datetime
    seen_at: datetime
    until: datetime
    agent: str
    """What the browser calls itself; untrusted."""


class LoginRows:
    """The logins table. Every method raises `StoreError` when the database fails."""

    def __init__(self, database: Database, idle: timedelta) -> None:
        """`idle`: what is not used for so long is over."""
        self._database = database
        self._idle = idle

    async def open(self, digest: str, login: Login, most: int) -> None:
        """Keep a login. What is over goes, and of more than `most` the oldest."""
        params = {"digest": digest, "id": login.id, "until": to_text(login.until), "agent": login.agent}
        async with self._database.transaction() as transaction:
            await transaction.execute(OPEN, {**params, **self._now()})
            await transaction.execute(CROP, {**self._now(), "most": most})

    def find(self, digest: str) -> Login | None:
        """The login of this hash, unless it is over."""
        row = self._database.read_one(FIND, {"digest": digest, **self._now()})
        return _login(row) if row else None

    def all(self) -> list[Login]:
        """Every login that is not over, newest first."""
        return [_login(row) for row in self._database.read_all(LIST, self._now())]

    async def touch(self, login_id: str) -> None:
        """It is being used."""
        await self._database.execute("UPDATE logins SET seen_at = :now WHERE id = :id", {"id": login_id, "now": self._now()["now"]})

    async def end(self, login_id: str | None) -> int:
        """End one, or all of them (None); returns how many that were."""
        return await self._database.execute("DELETE FROM logins WHERE :id IS NULL OR id = :id", {"id": login_id})

    def _now(self) -> Mapping[str, str]:
        now = self._database.clock.now()
        return {"now": to_text(now), "idle": to_text(now - self._idle)}


def _login(row: Row) -> Login:
    moments = {name: from_text(row[name]) for name in ("made_at", "seen_at", "until")}
    return Login(id=row["id"], agent=row["agent"], **moments)
