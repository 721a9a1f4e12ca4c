"""Invitations: made and withdrawn by the owner, used by whoever has the code."""

from datetime import timedelta

from parachute_core import Decision, Inbound, PluginContext, TrustLevel, What
from parachute_pairing.admission import Admission
from parachute_pairing.errors import NotOpen, TooManyInvites, UnknownInvite
from parachute_pairing.invitations.codes import digest, matching, new_code
from parachute_pairing.invitations.invite import Invite
from parachute_pairing.invitations.store import MOST_OPEN, InviteStore
from parachute_pairing.office import Office
from parachute_pairing.request import PairingRequest, new_id, shown_name
from parachute_pairing.settings import Settings
from parachute_pairing.store import PairingStore


class Invites:
    """Makes, withdraws, redeems. Whatever was begun is finished, even when the caller is cancelled."""

    def __init__(
        self,
        context: PluginContext[Settings],
        invites: InviteStore,
        requests: PairingStore,
        admission: Admission,
        office: Office,
    ) -> None:
        self._clock = context.clock
        self._access = context.access
        self._record = context.record
        self._invites = invites
        self._requests = requests
        self._admission = admission
        self._office = office

    async def make(self, trust_level: TrustLevel, seconds: float) -> tuple[Invite, str]:
        """A new invitation that is good for so long, and its code, which is told here and never again.

        Raises `TooManyInvites`, `StoreError`.
        """
        return await self._office.finish(self._make(trust_level, seconds))

    async def withdraw(self, invite_id: str) -> Invite:
        """Make an open one good no more; returns it as it is now. Raises `UnknownInvite`, `NotOpen`, `StoreError`."""
        return await self._office.finish(self._withdraw(invite_id))

    async def redeem(self, message: Inbound, code: str) -> bool:
        """Let the author in, if the code is good at this moment. True: the author is allowed now.

        Raises `ParachuteError` when the author could not be let in; unless it is let in all the same, the code stays good then.
        """
        # Compared before the lock, so that nobody who guesses keeps the owner waiting.
        invite = matching(code, await self._invites.open_ones())
        return invite is not None and await self._office.finish(self._redeem(message, invite))

    async def _make(self, trust_level: TrustLevel, seconds: float) -> tuple[Invite, str]:
        code, now = new_code(), self._clock.now()
        invite = Invite(new_id(), trust_level, now, now + timedelta(seconds=seconds))
        async with self._office.writing():
            if not await self._invites.add(invite, digest(code)):
                raise TooManyInvites(f"{MOST_OPEN} invitations are open already; withdraw some first")
        good = f"invitation {invite.id}, trust {trust_level.value}, good until {invite.expires_at.isoformat(timespec='seconds')}"
        self._record(Decision(What.INVITE_MADE, why=good))
        return invite, code

    async def _withdraw(self, invite_id: str) -> Invite:
        async with self._office.writing():
            changed = await self._invites.withdraw(invite_id)
            invite = await self._invites.get(invite_id)
        if invite is None:
            raise UnknownInvite(f"there is no invitation {invite_id}")
        if not changed:
            raise NotOpen(f"invitation {invite_id} is not open: it is {invite.status}")
        self._record(Decision(What.INVITE_WITHDRAWN, why=f"invitation {invite.id}"))
        return invite

    async def _redeem(self, message: Inbound, invite: Invite) -> bool:
        platform, user_id = message.platform, message.user_id
        async with self._office.writing():
            if self._access.is_shut_out(platform, user_id):
                return False
            if self._access.is_allowed(platform, user_id):
                return True
            pending = await self._requests.pending_of(platform, user_id)
            request_id = pending.id if pending is not None else new_id()
            asked = PairingRequest(
                id=request_id,
                platform=platform,
                user_id=user_id,
                chat_id=message.chat_id,
                created_at=self._clock.now(),
                user_display=shown_name(message),
                approved_trust_level=invite.trust_level,
            )
            if not await self._invites.use(invite.id, asked):
                return False
            await self._admission.apply(asked, f"by invitation {invite.id}")
            return True
