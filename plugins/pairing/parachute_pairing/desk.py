"""Requests, decided one after the other, and each change told once it is committed."""

import html
from datetime import datetime

from parachute_core import Inbound, PairingKind, ParachuteError, PluginContext, Stopped, TrustLevel, plain_text
from parachute_pairing import texts
from parachute_pairing.admission import Admission
from parachute_pairing.approvals import Approvals
from parachute_pairing.errors import NotAllowed, NotPending
from parachute_pairing.expiry import oldest_alive
from parachute_pairing.invitations.codes import masked
from parachute_pairing.office import Office
from parachute_pairing.request import Answer, Asked, PairingRequest, new_id, shown_name
from parachute_pairing.settings import Settings
from parachute_pairing.store import PairingStore
from parachute_pairing.telling import Teller
from parachute_pairing.terms import Terms


class Desk:
    """Opens, approves, denies, expires and revokes. Whatever was begun is finished, even when the caller is cancelled."""

    def __init__(
        self,
        context: PluginContext[Settings],
        store: PairingStore,
        approvals: Approvals,
        terms: Terms,
        admission: Admission,
        office: Office,
    ) -> None:
        self._settings = context.settings
        self._clock = context.clock
        self._log = context.logger
        self._access = context.access
        self._teller = Teller(context.notifier, context.logger)
        self._store = store
        self._approvals = approvals
        self._terms = terms
        self._admission = admission
        self._office = office

    async def ask(self, message: Inbound) -> Answer:
        """Take a stranger's message in a direct chat: open a request, or find the pending one."""
        # Who keeps writing, and whoever there is no room for, costs a read, and keeps nobody from the desk.
        pending = await self._store.pending_of(message.platform, message.user_id)
        if pending is not None and self._said_enough(pending):
            return Answer(Asked.SILENCED, pending.id)
        if pending is None and not await self._store.has_room(message.platform, self._settings):
            return self._settled(message) or Answer(Asked.FULL)
        return await self._office.finish(self._ask(message))

    async def approve(self, request_id: str, trust_level: TrustLevel, until: datetime | None = None) -> PairingRequest:
        """Let the user in at this level, until then (aware; None: for good); returns the request as it is now.

        Raises `UnknownRequest`, `NotPending`; `UnknownPlatform` or `ConfigError` when the allowlist cannot take the user: then the
        request is still pending.
        """
        return await self._office.finish(self._approve(request_id, trust_level, until))

    async def deny(self, request_id: str) -> PairingRequest:
        """Decline; returns the request as it is now. Raises `UnknownRequest`, `NotPending`."""
        return await self._office.finish(self._deny(request_id))

    async def revoke(self, platform: str, user_id: str) -> Stopped:
        """Take the user off the allowlist; returns what that stopped. Session and history stay as they are.

        Raises `UnknownPlatform`, `NotAllowed`; `ConfigError` when the file could not be edited, `StoreError` when the database takes
        nothing: the user is refused all the same.
        """
        return await self._office.finish(self._revoke(platform, user_id))

    async def expire(self) -> int:
        """Expire what has been pending for too long; returns how many."""
        if not await self._store.get_expired_pairing_requests(self._settings.ttl_days):
            return 0
        return await self._office.finish(self._expire())

    async def end_terms(self) -> bool:
        """Revoke everyone whose grant has ended. False: somebody could not be revoked now, and is taken up again by the next call."""
        if self._terms.all_over():
            await self._office.finish(self._end_terms())
        return not self._terms.all_over()

    async def repair(self) -> None:
        """Finish the approvals that a crash or a fault cut off between the database and the allowlist."""
        if await self._approvals.not_applied():
            await self._office.finish(self._repair())

    async def _ask(self, message: Inbound) -> Answer:
        platform, user_id = message.platform, message.user_id
        async with self._office.writing():
            if (settled := self._settled(message)) is not None:
                return settled
            await self._expire_stale()
            pending = await self._store.pending_of(platform, user_id)
            if pending is not None:
                reminded = await self._store.remind(pending.id, self._settings.nudges)
                return Answer(Asked.REMINDED if reminded else Asked.SILENCED, pending.id)
            request = PairingRequest(
                id=new_id(),
                platform=platform,
                user_id=user_id,
                chat_id=message.chat_id,
                created_at=self._clock.now(),
                user_display=shown_name(message),
                preview=self._preview(message),
            )
            if not await self._store.open(request, self._settings):
                return Answer(Asked.FULL)
            self._office.committed(PairingKind.REQUESTED, request)
            return Answer(Asked.OPENED, request.id)

    async def _approve(self, request_id: str, trust_level: TrustLevel, until: datetime | None) -> PairingRequest:
        async with self._office.writing():
            await self._expire_stale()
            changed = await self._approvals.approve(request_id, trust_level, until)
            request = await self._found(request_id, changed)
            await self._admission.apply(request)
        await self._teller.tell(request, texts.APPROVED)
        return request

    async def _deny(self, request_id: str) -> PairingRequest:
        async with self._office.writing():
            await self._expire_stale()
            changed = await self._store.deny(request_id)
            request = await self._found(request_id, changed)
            self._office.committed(PairingKind.DENIED, request)
        await self._teller.tell(request, texts.DENIED.format(id=request.id))
        return request

    async def _revoke(self, platform: str, user_id: str) -> Stopped:
        async with self._office.writing():
            stopped = await self._admission.revoke(platform, user_id)
            if stopped is None:
                raise NotAllowed(f"user {user_id} is not on the allowlist of {platform}")
            return stopped

    async def _expire(self) -> int:
        async with self._office.writing():
            return await self._expire_stale()

    async def _end_terms(self) -> None:
        async with self._office.writing():
            for platform, user_id in self._terms.all_over():
                until = self._terms.until((platform, user_id))
                try:
                    await self._admission.revoke(platform, user_id, f"it was given until {until}")
                except ParachuteError as error:
                    problem = {"platform": platform, "user_id": user_id, "error": type(error).__name__}
                    self._log.error("a grant has ended and its user could not be taken off the list", extra=problem)

    async def _repair(self) -> None:
        async with self._office.writing():
            for request in await self._approvals.not_applied():
                try:
                    await self._admission.apply(request)
                except ParachuteError as error:
                    problem = {"request_id": request.id, "platform": request.platform, "error": type(error).__name__}
                    self._log.error("an approval could not be completed and must be given again", extra=problem)

    async def _expire_stale(self) -> int:
        expired = 0
        for request in await self._store.get_expired_pairing_requests(self._settings.ttl_days):
            if await self._store.expire_pairing_request(request.id):
                self._office.committed(PairingKind.EXPIRED, request)
                expired += 1
        return expired

    async def _found(self, request_id: str, changed: bool) -> PairingRequest:
        request = await self._store.found(request_id)
        if not changed:
            raise NotPending(f"pairing request {request_id} is not pending: it is {request.status}")
        return request

    def _settled(self, message: Inbound) -> Answer | None:
        """What was decided about the author while the message waited, if something was."""
        if self._access.is_shut_out(message.platform, message.user_id):
            return Answer(Asked.BLOCKED)
        return Answer(Asked.ALLOWED) if self._access.is_allowed(message.platform, message.user_id) else None

    def _said_enough(self, pending: PairingRequest) -> bool:
        alive = pending.created_at >= oldest_alive(self._clock.now(), self._settings.ttl_days)
        return alive and pending.nudges >= self._settings.nudges

    def _preview(self, message: Inbound) -> str | None:
        longest = self._settings.preview
        return (longest and html.escape(plain_text(masked(message.text), longest))) or None
