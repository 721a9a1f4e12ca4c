"""What a plugin does by itself is done in its name."""

from dataclasses import replace

from parachute_core.engine.access import AccessControl
from parachute_core.engine.announcements import Announcements
from parachute_core.engine.register import Register, actor, by_plugin
from parachute_core.model.decision import Decision, What
from parachute_core.model.pairing import PairingEvent, PairingKind
from parachute_core.model.parcel import Stopped
from parachute_core.model.trust import TrustLevel

NAMES = {
    PairingKind.REQUESTED: What.PAIRING_REQUESTED,
    PairingKind.APPROVED: What.PAIRING_APPROVED,
    PairingKind.DENIED: What.PAIRING_DENIED,
    PairingKind.EXPIRED: What.PAIRING_EXPIRED,
    PairingKind.REVOKED: What.PAIRING_REVOKED,
    PairingKind.BLOCKED: What.PAIRING_BLOCKED,
    PairingKind.UNBLOCKED: What.PAIRING_UNBLOCKED,
}
BY_ITSELF = (PairingKind.REQUESTED, PairingKind.EXPIRED)
"""What nobody decides, so that it is the plugin's doing even while the owner looks on."""


class AccessOfPlugin:
    """The `Access` that a plugin is given."""

    def __init__(self, access: AccessControl, plugin: str) -> None:
        self._access = access
        self._plugin = plugin

    def known_platforms(self) -> frozenset[str]:
        """See `Access.known_platforms`."""
        return self._access.known_platforms()

    def is_allowed(self, platform: str, user_id: str) -> bool:
        """See `Access.is_allowed`."""
        return self._access.is_allowed(platform, user_id)

    async def allow(self, platform: str, user_id: str, trust_level: TrustLevel) -> None:
        """See `Access.allow`."""
        with by_plugin(self._plugin):
            await self._access.allow(platform, user_id, trust_level)

    async def revoke(self, platform: str, user_id: str, *, finish: bool = False) -> Stopped | None:
        """See `Access.revoke`."""
        with by_plugin(self._plugin):
            return await self._access.revoke(platform, user_id, finish=finish)

    def shut_out(self, platform: str, user_id: str) -> None:
        """See `Access.shut_out`."""
        self._access.shut_out(platform, user_id)

    def readmit(self, platform: str, user_id: str) -> None:
        """See `Access.readmit`."""
        self._access.readmit(platform, user_id)

    def is_shut_out(self, platform: str, user_id: str) -> bool:
        """See `Access.is_shut_out`."""
        return self._access.is_shut_out(platform, user_id)


class AnnouncementsOfPlugin:
    """Puts on record what a plugin tells of its pairing requests, and passes it on."""

    def __init__(self, announcements: Announcements, register: Register, plugin: str) -> None:
        self._announcements = announcements
        self._register = register
        self._plugin = plugin

    async def announce(self, event: PairingEvent) -> None:
        """See `PluginContext.announce`."""
        with by_plugin(self._plugin):
            who = self._plugin if event.kind in BY_ITSELF else actor()
        given = f"trust {event.trust_level.value}" if event.trust_level is not None else None
        self._register.note(
            Decision(
                NAMES[event.kind],
                who,
                platform=event.platform,
                chat_id=event.chat_id,
                user_id=event.user_id,
                request_id=event.request_id,
                why="; ".join(one for one in (given, event.why) if one) or None,
            )
        )
        await self._announcements.announce(event)


class RecordOfPlugin:
    """Puts on record what a plugin decides, in its name or the owner's."""

    def __init__(self, register: Register, plugin: str) -> None:
        self._register = register
        self._plugin = plugin

    def note(self, decision: Decision) -> None:
        """See `PluginContext.record`."""
        with by_plugin(self._plugin):
            self._register.note(replace(decision, who=actor()))
