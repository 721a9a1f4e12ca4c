"""Who may talk to the bot, and with how much trust: the file, memory and the store kept in step."""

import asyncio
import logging
from collections.abc import Callable

from parachute_core.config.file import ConfigFile
from parachute_core.config.schema import BotsConfig
from parachute_core.model.errors import ConfigError, UnknownPlatform
from parachute_core.model.message import ChatType
from parachute_core.model.trust import TrustLevel, lower_of
from parachute_core.store.grants import Grants

log = logging.getLogger(__name__)

User = tuple[str, str]
NOBODY: frozenset[str] = frozenset()


class AccessControl:
    """The live allowlist and the trust of its users. `bots.yaml` says who is allowed; the store remembers granted levels."""

    def __init__(self, config: ConfigFile, grants: Grants, platforms: Callable[[], frozenset[str]]) -> None:
        self._config = config
        self._grants = grants
        self._platforms = platforms
        self._lock = asyncio.Lock()
        self._allowed: dict[str, frozenset[str]] = {}
        self._trust: dict[User, TrustLevel | None] = {}
        self._revoking: set[User] = set()

    async def start(self) -> None:
        """Finish what a crash interrupted, then take over the file's allowlist and the store's levels."""
        self._revoking = set(await self._grants.revoking())
        for platform, user_id in sorted(self._revoking):
            await asyncio.to_thread(self._config.remove_allowed, platform, user_id)
            await self._grants.end_revoke(platform, user_id)
        self._revoking.clear()
        self._trust = await self._grants.load()
        await self._adopt(self._config.current.config)

    def known_platforms(self) -> frozenset[str]:
        """See `Access.known_platforms`."""
        return self._platforms()

    def is_allowed(self, platform: str, user_id: str) -> bool:
        """See `Access.is_allowed`."""
        return user_id in self._allowed.get(platform, NOBODY)

    def trust(self, platform: str, user_id: str, chat_type: ChatType) -> TrustLevel | None:
        """What this sender's turns may do now; in a group never more than the group's level. None: refuse."""
        section = self._config.current.config.sections().get(platform)
        if section is None or not self.is_allowed(platform, user_id):
            return None
        level = self._trust.get((platform, user_id), section.dm_trust_level)
        if level is None or chat_type is ChatType.DIRECT:
            return level
        return lower_of(level, section.group_trust_level)

    async def allow(self, platform: str, user_id: str, trust_level: TrustLevel | None) -> None:
        """See `Access.allow`. `trust_level` None: whatever level the platform's section gives."""
        user = self._known(platform), user_id
        async with self._lock:
            before = self._trust.get(user)
            if trust_level is not None:
                await self._grants.put(platform, user_id, trust_level)
            try:
                loaded = await asyncio.to_thread(self._config.add_allowed, platform, user_id)
            except ConfigError:
                await (self._grants.put(platform, user_id, before) if before else self._grants.drop(platform, user_id))
                raise
            self._revoking.discard(user)
            if trust_level is not None:
                self._trust[user] = trust_level
            await self._adopt(loaded.config)

    async def revoke(self, platform: str, user_id: str) -> bool:
        """See `Access.revoke`. Memory goes first, so that no message slips through while the file is written."""
        user = self._known(platform), user_id
        async with self._lock:
            if not self.is_allowed(platform, user_id):
                return await asyncio.to_thread(self._config.remove_allowed, platform, user_id)
            self._allowed[platform] -= {user_id}
            self._trust.pop(user, None)
            self._revoking.add(user)
            await self._grants.begin_revoke(platform, user_id)
            await asyncio.to_thread(self._config.remove_allowed, platform, user_id)
            await self._grants.end_revoke(platform, user_id)
            self._revoking.discard(user)
            return True

    async def refresh(self) -> None:
        """Take over the allowlists of the file as it was last read or written."""
        async with self._lock:
            await self._adopt(self._config.current.config)

    def _known(self, platform: str) -> str:
        if platform not in self._platforms():
            raise UnknownPlatform(f"unknown platform: {platform}")
        return platform

    async def _adopt(self, config: BotsConfig) -> None:
        """Make the file's lists live, without those whose revocation is not through, and forget the levels of who is gone."""
        fresh: dict[str, frozenset[str]] = {}
        for platform, section in config.sections().items():
            leaving = {user for place, user in self._revoking if place == platform}
            fresh[platform] = frozenset(section.allowed_ids) - leaving
        self._allowed = fresh
        for platform, user_id in [user for user in self._trust if not self.is_allowed(*user)]:
            del self._trust[platform, user_id]
            await self._grants.drop(platform, user_id)
