"""The steps that end in the allowlist: letting a person in, and putting one out. Whoever calls them holds the office's lock."""

from parachute_core import ConfigError, PairingKind, PluginContext, Stopped, StoreError, UnknownPlatform
from parachute_pairing.approvals import Approvals
from parachute_pairing.office import Office
from parachute_pairing.request import PairingRequest
from parachute_pairing.settings import InFlight, Settings
from parachute_pairing.terms import Terms


class Admission:
    """Keeps the requests, the ends of grants and the allowlist in step."""

    def __init__(self, context: PluginContext[Settings], approvals: Approvals, terms: Terms, office: Office) -> None:
        self._access = context.access
        self._finish = context.settings.in_flight is InFlight.FINISH
        self._approvals = approvals
        self._terms = terms
        self._office = office

    async def apply(self, request: PairingRequest, why: str | None = None) -> None:
        """Put an approved user on the allowlist, or make the request pending again. Raises what made it impossible."""
        trust_level = request.approved_trust_level
        if trust_level is None:
            raise StoreError(f"the approval of request {request.id} names no trust level")
        person = request.platform, request.user_id
        self._terms.note(person, request.grant_until)  # before the door is open, so that it never is for too long
        try:
            await self._access.allow(*person, trust_level)
        except Exception:
            await self._approvals.put_back(request.id)
            self._terms.note(person, None)
            raise
        await self._approvals.mark_applied(request.id)
        until = f"until {request.grant_until.isoformat()}" if request.grant_until else None
        self._office.committed(PairingKind.APPROVED, request, "; ".join(one for one in (until, why) if one) or None)

    async def revoke(self, platform: str, user_id: str, why: str | None = None) -> Stopped | None:
        """Take the user off the allowlist; returns what that stopped, or None: was not on it.

        Raises `UnknownPlatform`; `ConfigError` when the file could not be edited, `StoreError` when the database takes nothing: the
        user is refused all the same.
        """
        if platform not in self._access.known_platforms():
            raise UnknownPlatform(f"unknown platform: {platform}")
        # First, so that no repair lets the user in again, whatever happens after; that it cannot be written lets nobody stay in.
        unwritten: StoreError | None = None
        try:
            await self._approvals.withdraw_approvals(platform, user_id)
        except StoreError as error:
            unwritten = error
        try:
            stopped = await self._access.revoke(platform, user_id, finish=self._finish)
        except ConfigError:
            await self._put_out(platform, user_id, why)
            raise
        if unwritten is not None:
            if stopped is not None:
                self._office.changed(PairingKind.REVOKED, platform, user_id, why)
            raise unwritten
        if stopped is None:
            await self._terms.forget((platform, user_id))
        else:
            await self._put_out(platform, user_id, why)
        return stopped

    async def _put_out(self, platform: str, user_id: str, why: str | None) -> None:
        self._office.changed(PairingKind.REVOKED, platform, user_id, why)
        await self._terms.forget((platform, user_id))
