"""Of which requests the owner was told, and when."""

from datetime import datetime

from parachute_core import PluginStore
from parachute_pairing.request import PairingRequest
from parachute_pairing.table import Key, as_moment, as_request, as_text


class NoticeStore:
    """Reads and writes that; tells nobody."""

    def __init__(self, store: PluginStore) -> None:
        self._store = store

    async def notice(self, moment: datetime) -> list[PairingRequest]:
        """Note that the owner is told at this moment of the pending requests of which nobody was told yet; returns them, oldest first."""
        key: Key = {"moment": as_text(moment)}
        async with self._store.transaction() as transaction:
            await transaction.execute(
                "UPDATE pairing_requests SET noticed_at = :moment WHERE status = 'pending' AND noticed_at IS NULL", key
            )
            rows = await transaction.fetch_all(
                "SELECT * FROM pairing_requests WHERE noticed_at = :moment AND status = 'pending' ORDER BY seq", key
            )
        return [as_request(row) for row in rows]

    async def unnotice(self, moment: datetime) -> None:
        """The owner could not be told at this moment."""
        async with self._store.transaction() as transaction:
            await transaction.execute(
                "UPDATE pairing_requests SET noticed_at = NULL WHERE noticed_at = :moment", {"moment": as_text(moment)}
            )

    async def last_notice(self) -> datetime | None:
        """When the owner was told last of a request that is kept; None: never."""
        row = await self._store.fetch_one("SELECT MAX(noticed_at) AS moment FROM pairing_requests")
        return None if row is None else as_moment(row["moment"])
