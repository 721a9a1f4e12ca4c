"""What a connector remembers over restarts: how far it has read, which chats have moved."""

from parachute_core.store.database import Database

PUT = """
INSERT INTO connector_memory (platform, key, value, position)
VALUES (:platform, :key, :value, (SELECT COALESCE(MAX(position), 0) + 1 FROM connector_memory WHERE platform = :platform))
ON CONFLICT (platform, key) DO UPDATE SET value = excluded.value, position = excluded.position"""
GET = "SELECT value FROM connector_memory WHERE platform = :platform AND key = :key"
FORGET = "DELETE FROM connector_memory WHERE platform = :platform AND key = :key"
ITEMS = """
SELECT key, value FROM connector_memory
WHERE platform = :platform AND substr(key, 1, length(:prefix)) = :prefix ORDER BY position"""
KEEP = """
DELETE FROM connector_memory
WHERE platform = :platform AND substr(key, 1, length(:prefix)) = :prefix AND position <= (
    SELECT position FROM connector_memory
    WHERE platform = :platform AND substr(key, 1, length(:prefix)) = :prefix ORDER BY position DESC LIMIT 1 OFFSET :count
)"""


class ConnectorMemory:
    """The memory of one platform's connector. Implements `connectors.base.Memory`."""

    def __init__(self, database: Database, platform: str) -> None:
        self._database = database
        self._platform = platform

    async def get(self, key: str) -> str | None:
        """See `Memory.get`."""
        row = await self._database.fetch_one(GET, {"platform": self._platform, "key": key})
        return row["value"] if row else None

    async def put(self, key: str, value: str) -> None:
        """See `Memory.put`."""
        await self._database.execute(PUT, {"platform": self._platform, "key": key, "value": value})

    async def forget(self, key: str) -> None:
        """See `Memory.forget`."""
        await self._database.execute(FORGET, {"platform": self._platform, "key": key})

    async def keep_newest(self, prefix: str, count: int) -> None:
        """See `Memory.keep_newest`."""
        await self._database.execute(KEEP, {"platform": self._platform, "prefix": prefix, "count": count})

    async def items(self, prefix: str) -> dict[str, str]:
        """See `Memory.items`."""
        rows = await self._database.fetch_all(ITEMS, {"platform": self._platform, "prefix": prefix})
        return {row["key"]: row["value"] for row in rows}
