"""Which user was given which trust, and which revocations are not finished yet."""

from parachute_core.model.trust import TrustLevel
from parachute_core.store.database import Database
from parachute_core.store.session_rows import stored_trust
from parachute_core.store.timestamps import to_text

Person = tuple[str, str]
"""Platform and user id."""

PUT = """
INSERT INTO grants (platform, user_id, trust_level, generation, revoking, granted_at)
VALUES (:platform, :user_id, :trust_level, 0, 0, :at)
ON CONFLICT (platform, user_id) DO UPDATE SET
    trust_level = excluded.trust_level, revoking = 0, gone = 0, granted_at = excluded.granted_at"""
BEGIN_REVOKE = """
INSERT INTO grants (platform, user_id, trust_level, generation, revoking, granted_at)
VALUES (:platform, :user_id, NULL, 1, 1, :at)
ON CONFLICT (platform, user_id) DO UPDATE SET trust_level = NULL, generation = grants.generation + 1, revoking = 1"""
END_REVOKE = "UPDATE grants SET revoking = 0, gone = 1 WHERE platform = :platform AND user_id = :user_id AND revoking = 1"
# The row stays, so that no generation ever comes twice: what was begun under an old one never passes for something new.
DROP = """
INSERT INTO grants (platform, user_id, trust_level, generation, revoking, gone, granted_at)
VALUES (:platform, :user_id, NULL, 1, 0, 1, :at)
ON CONFLICT (platform, user_id) DO UPDATE SET trust_level = NULL, generation = grants.generation + 1, revoking = 0, gone = 1"""


class Grants:
    """The grants table. Every method raises `StoreError` when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> dict[Person, TrustLevel | None]:
        """Every grant that stands. None as the level: it cannot be read, refuse. Who is being revoked is not among them."""
        rows = await self._database.fetch_all("SELECT platform, user_id, trust_level FROM grants WHERE revoking = 0 AND gone = 0")
        return {(row["platform"], row["user_id"]): stored_trust(row["trust_level"]) for row in rows}

    async def generations(self) -> dict[Person, int]:
        """The generation of everyone who was ever granted or refused something."""
        rows = await self._database.fetch_all("SELECT platform, user_id, generation FROM grants")
        return {(row["platform"], row["user_id"]): row["generation"] for row in rows}

    async def revoking(self) -> list[Person]:
        """Whose revocation was begun and not ended, oldest grant first: a crash or an unwritable file came between."""
        rows = await self._database.fetch_all("SELECT platform, user_id FROM grants WHERE revoking = 1 ORDER BY granted_at")
        return [(row["platform"], row["user_id"]) for row in rows]

    async def put(self, platform: str, user_id: str, trust_level: TrustLevel) -> None:
        """Grant the level, whatever stood before; a revocation that was begun is off."""
        await self._write(PUT, platform, user_id, trust_level=trust_level.value, at=self._now())

    async def begin_revoke(self, platform: str, user_id: str) -> None:
        """Take the level away now, and remember that the revocation is not finished. Also for a user without a grant."""
        await self._write(BEGIN_REVOKE, platform, user_id, at=self._now())

    async def end_revoke(self, platform: str, user_id: str) -> None:
        """The revocation is finished: forget the user. Does nothing when a new grant was given meanwhile."""
        await self._write(END_REVOKE, platform, user_id)

    async def drop(self, platform: str, user_id: str) -> None:
        """Forget the user, whatever stands, but for the generation, which rises."""
        await self._write(DROP, platform, user_id, at=self._now())

    async def _write(self, sql: str, platform: str, user_id: str, **more: str) -> None:
        async with self._database.transaction() as transaction:
            await transaction.execute(sql, {"platform": platform, "user_id": user_id, **more})

    def _now(self) -> str:
        return to_text(self._database.clock.now())
