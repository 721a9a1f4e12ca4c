"""The one writer: every change of a request goes through here, one after the other, and each is told once it is committed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from parachute_core import (
    ConfigError,
    Inbound,
    PairingEvent,
    PairingKind,
    ParachuteError,
    PluginContext,
    Stopped,
    StoreError,
    TrustLevel,
    UnknownPlatform,
)
from parachute_pairing import texts
from parachute_pairing.announcements import Announcements
from parachute_pairing.chores import Chores
from parachute_pairing.errors import NotAllowed, NotPending, UnknownRequest
from parachute_pairing.expiry import oldest_alive
from parachute_pairing.request import Answer, Asked, PairingRequest, clean_name, new_id
from parachute_pairing.settings import InFlight, Settings
from parachute_pairing.store import PairingStore
from parachute_pairing.telling import Teller


class Desk:
    """Opens, approves, denies, expires and revokes. Whatever was begun is finished, even when the caller is cancelled."""

    def __init__(self, context: PluginContext[Settings], store: PairingStore, chores: Chores) -> None:
        self._settings = context.settings
        self._clock = context.clock
        self._log = context.logger
        self._access = context.access
        self._teller = Teller(context.notifier, context.logger)
        self._store = store
        self._chores = chores
        self._announcements = Announcements(context.announce)
        self._lock = asyncio.Lock()

    async def ask(self, message: Inbound) -> Answer:
        """Take a stranger's message in a direct chat: open a request, or find the pending one."""
        pending = await self._store.pending_of(message.platform, message.user_id)
        if pending is not None and self._said_enough(pending):
            # Who keeps writing costs one read, and keeps nobody from the desk.
            return Answer(Asked.SILENCED, pending.id)
        return await self._chores.finish(self._ask(message))

    async def approve(self, request_id: str, trust_level: TrustLevel) -> PairingRequest:
        """Let the user in at this level; returns the request as it is now.

        Raises `UnknownRequest`, `NotPending`; `UnknownPlatform` or `ConfigError` when the allowlist cannot take the user: then the
        request is still pending.
        """
        return await self._chores.finish(self._approve(request_id, trust_level))

    async def deny(self, request_id: str) -> PairingRequest:
        """Decline; returns the request as it is now. Raises `UnknownRequest`, `NotPending`."""
        return await self._chores.finish(self._deny(request_id))

    async def revoke(self, platform: str, user_id: str) -> Stopped:
        """Take the user off the allowlist; returns what that stopped. Session and history stay as they are.

        Raises `UnknownPlatform`, `NotAllowed`; `ConfigError` when the file could not be edited: the user is refused all the same.
        """
        return await self._chores.finish(self._revoke(platform, user_id))

    async def expire(self) -> int:
        """Expire what has been pending for too long; returns how many."""
        if not await self._store.get_expired_pairing_requests(self._settings.ttl_days):
            return 0
        return await self._chores.finish(self._expire())

    async def repair(self) -> None:
        """Finish the approvals that a crash or a fault cut off between the database and the allowlist."""
        if await self._store.not_applied():
            await self._chores.finish(self._repair())

    async def _ask(self, message: Inbound) -> Answer:
        platform, user_id = message.platform, message.user_id
        async with self._writing():
            if self._access.is_allowed(platform, user_id):
                return Answer(Asked.ALLOWED)
            await self._expire_stale()
            pending = await self._store.pending_of(platform, user_id)
            if pending is not None:
                reminded = await self._store.remind(pending.id, self._settings.nudges)
                return Answer(Asked.REMINDED if reminded else Asked.SILENCED, pending.id)
            request = PairingRequest(new_id(), platform, user_id, message.chat_id, self._clock.now(), clean_name(message.user_name))
            if not await self._store.open(request, self._settings.max_pending):
                return Answer(Asked.FULL)
            self._committed(PairingKind.REQUESTED, request)
            return Answer(Asked.OPENED, request.id)

    async def _approve(self, request_id: str, trust_level: TrustLevel) -> PairingRequest:
        async with self._writing():
            await self._expire_stale()
            changed = await self._store.approve(request_id, trust_level)
            request = await self._found(request_id, changed)
            await self._apply(request)
        await self._teller.tell(request, texts.APPROVED)
        return request

    async def _deny(self, request_id: str) -> PairingRequest:
        async with self._writing():
            await self._expire_stale()
            changed = await self._store.deny(request_id)
            request = await self._found(request_id, changed)
            self._committed(PairingKind.DENIED, request)
        await self._teller.tell(request, texts.DENIED.format(id=request.id))
        return request

    async def _revoke(self, platform: str, user_id: str) -> Stopped:
        if platform not in self._access.known_platforms():
            raise UnknownPlatform(f"unknown platform: {platform}")
        async with self._writing():
            # First, so that no repair lets the user in again, whatever happens after.
            await self._store.withdraw_approvals(platform, user_id)
            try:
                stopped = await self._access.revoke(platform, user_id, finish=self._settings.in_flight is InFlight.FINISH)
            except ConfigError:
                self._revoked(platform, user_id)
                raise
            if stopped is None:
                raise NotAllowed(f"user {user_id} is not on the allowlist of {platform}")
            self._revoked(platform, user_id)
            return stopped

    async def _expire(self) -> int:
        async with self._writing():
            return await self._expire_stale()

    async def _repair(self) -> None:
        async with self._writing():
            for request in await self._store.not_applied():
                try:
                    await self._apply(request)
                except ParachuteError as error:
                    problem = {"request_id": request.id, "platform": request.platform, "error": type(error).__name__}
                    self._log.error("an approval could not be completed and must be given again", extra=problem)

    async def _apply(self, request: PairingRequest) -> None:
        """Put an approved user on the allowlist, or make the request pending again."""
        trust_level = request.approved_trust_level
        if trust_level is None:
            raise StoreError(f"the approval of request {request.id} names no trust level")
        try:
            await self._access.allow(request.platform, request.user_id, trust_level)
        except Exception:
            await self._store.put_back(request.id)
            raise
        await self._store.mark_applied(request.id)
        self._committed(PairingKind.APPROVED, request)

    async def _expire_stale(self) -> int:
        expired = 0
        for request in await self._store.get_expired_pairing_requests(self._settings.ttl_days):
            if await self._store.expire_pairing_request(request.id):
                self._committed(PairingKind.EXPIRED, request)
                expired += 1
        return expired

    async def _found(self, request_id: str, changed: bool) -> PairingRequest:
        request = await self._store.get(request_id)
        if request is None:
            raise UnknownRequest(f"there is no pairing request {request_id}")
        if not changed:
            raise NotPending(f"pairing request {request_id} is not pending: it is {request.status}")
        return request

    def _said_enough(self, pending: PairingRequest) -> bool:
        alive = pending.created_at >= oldest_alive(self._clock.now(), self._settings.ttl_days)
        return alive and pending.nudges >= self._settings.nudges

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[None]:
        try:
            async with self._lock:
                yield
        finally:
            # Outside the lock: a slow listener does not keep the next stranger waiting.
            await self._announcements.deliver()

    def _committed(self, kind: PairingKind, request: PairingRequest) -> None:
        trust_level = request.approved_trust_level if kind is PairingKind.APPROVED else None
        event = PairingEvent(kind, request.platform, request.user_id, self._clock.now(), request.id, request.chat_id, trust_level)
        self._announcements.add(event)
        self._log.info("pairing request %s", kind.value, extra={"request_id": request.id, "platform": request.platform})

    def _revoked(self, platform: str, user_id: str) -> None:
        self._announcements.add(PairingEvent(PairingKind.REVOKED, platform, user_id, self._clock.now()))
        self._log.info("access revoked", extra={"platform": platform, "user_id": user_id})
