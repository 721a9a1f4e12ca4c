"""Of which requests the owner was told, and when."""

from datetime import datetime

from parachute_core import PluginStore
from parachute_pairing.request import PairingRequest
from parachute_pairing.table import Key, as_moment, as_request, as_text


class NoticeStore:
    """Reads and writes that; tells nobody."""

    def __init__(self, store: PluginStore) -> None:
        self._store = store

    async def untold(self) -> list[PairingRequest]:
        """The pending requests of which the owner was not told yet, oldest first."""
        rows = await self._store.fetch_all("SELECT * FROM pairing_requests WHERE status = 'pending' AND noticed_at IS NULL ORDER BY seq")
        return [as_request(row) for row in rows]

    async def told(self, last: PairingRequest, moment: datetime) -> None:
        """The owner was told at this moment of those up to this one."""
        key: Key = {"moment": as_text(moment), "last": last.id}
        async with self._store.transaction() as transaction:
            await transaction.execute(
                "UPDATE pairing_requests SET noticed_at = :moment WHERE noticed_at IS NULL AND (id = :last OR status = 'pending'"
                " AND seq < (SELECT seq FROM pairing_requests WHERE id = :last))",
                key,
            )

    async def last_notice(self) -> datetime | None:
        """When the owner was told last of a request that is kept; None: never."""
        row = await self._store.fetch_one("SELECT MAX(noticed_at) AS moment FROM pairing_requests")
        return None if row is None else as_moment(row["moment"])
