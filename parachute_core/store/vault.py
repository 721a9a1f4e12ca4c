"""Random secrets of the bot's own that survive restarts."""

import secrets

from parachute_core.store.database import Database
from parachute_core.store.timestamps import to_text

BYTES = 32


async def secret(database: Database, name: str) -> bytes:
    """The `BYTES` random bytes kept under `name`; made by the first call for it. Raises `StoreError`."""
    async with database.transaction() as transaction:
        await transaction.execute(
            "INSERT INTO secrets (name, value, made_at) VALUES (:name, :value, :at) ON CONFLICT (name) DO NOTHING",
            {"name": name, "value": secrets.token_hex(BYTES), "at": to_text(database.clock.now())},
        )
        rows = await transaction.fetch_all("SELECT value FROM secrets WHERE name = :name", {"name": name})
    return bytes.fromhex(rows[0]["value"])
