"""Blocking: sticky, and without a word to whom it concerns."""

from parachute_core import PairingKind, PluginContext, Stopped, UnknownPlatform
from parachute_pairing.admission import Admission
from parachute_pairing.blocks.people import Blocked, BlockedPerson
from parachute_pairing.errors import NotBlocked
from parachute_pairing.office import Office
from parachute_pairing.request import PairingRequest
from parachute_pairing.settings import Settings
from parachute_pairing.store import PairingStore


class Blocking:
    """Blocks and unblocks. Whatever was begun is finished, even when the caller is cancelled."""

    def __init__(
        self, context: PluginContext[Settings], store: PairingStore, blocked: Blocked, admission: Admission, office: Office
    ) -> None:
        self._access = context.access
        self._store = store
        self._blocked = blocked
        self._admission = admission
        self._office = office

    async def block_author(self, request_id: str) -> tuple[BlockedPerson, Stopped]:
        """Block whoever made a request, however it stands. See `block`; raises `UnknownRequest` besides."""
        request = await self._store.found(request_id)
        return await self._office.finish(self._block(request.platform, request.user_id, request))

    async def block(self, platform: str, user_id: str) -> tuple[BlockedPerson, Stopped]:
        """Drop whatever this person sends, close the pending request and revoke the access; safe to repeat.

        Returns the entry, and what ending the access stopped. Raises `UnknownPlatform`; `ConfigError` when `bots.yaml` could not be
        edited: the person is blocked and refused all the same; `StoreError`: it is to be repeated.
        """
        return await self._office.finish(self._block(platform, user_id, None))

    async def unblock(self, platform: str, user_id: str) -> None:
        """The person is a stranger again. Raises `NotBlocked`, `StoreError`."""
        await self._office.finish(self._unblock(platform, user_id))

    async def _block(self, platform: str, user_id: str, request: PairingRequest | None) -> tuple[BlockedPerson, Stopped]:
        if platform not in self._access.known_platforms():
            raise UnknownPlatform(f"unknown platform: {platform}")
        async with self._office.writing():
            pending = await self._store.pending_of(platform, user_id)
            request = pending or request
            added = await self._blocked.add(platform, user_id, request.user_display if request else None)
            if added and request is not None:
                self._office.committed(PairingKind.BLOCKED, request)
            elif added:
                self._office.changed(PairingKind.BLOCKED, platform, user_id)
            stopped = await self._admission.revoke(platform, user_id)
            person = await self._blocked.find(platform, user_id)
        assert person is not None  # noqa: S101 - written above, and nobody else writes meanwhile
        return person, stopped or Stopped(0, 0)

    async def _unblock(self, platform: str, user_id: str) -> None:
        async with self._office.writing():
            if not await self._blocked.remove(platform, user_id):
                raise NotBlocked(f"user {user_id} of {platform} is not blocked")
            self._office.changed(PairingKind.UNBLOCKED, platform, user_id)
