"""Who may talk to the bot, and with how much trust: the file, memory and the store kept in step."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from parachute_core.clock import Clock
from parachute_core.config.file import ConfigFile
from parachute_core.config.schema import BotsConfig
from parachute_core.engine.register import actor
from parachute_core.model.decision import BY_HAND, CORE, Decision, What
from parachute_core.model.errors import ConfigError, StoreError, UnknownPlatform
from parachute_core.model.message import ChatType
from parachute_core.model.parcel import NOTHING_STOPPED, Grant, Stopped
from parachute_core.model.trust import TrustLevel, lower_of
from parachute_core.store.grants import Grants

log = logging.getLogger(__name__)

User = tuple[str, str]
NOBODY: frozenset[str] = frozenset()
MEND_EVERY = 5.0
"""Seconds between two tries to write what the store took no note of."""


class AccessControl:
    """The live allowlist and the trust of its users. `bots.yaml` says who is allowed; the store remembers granted levels."""

    def __init__(
        self,
        config: ConfigFile,
        grants: Grants,
        platforms: Callable[[], frozenset[str]],
        record: Callable[[Decision], None],
        clock: Clock,
    ) -> None:
        self._config = config
        self._grants = grants
        self._platforms = platforms
        self._record = record
        self._clock = clock
        self._lock = asyncio.Lock()
        self._allowed: dict[str, frozenset[str]] = {}
        self._trust: dict[User, TrustLevel | None] = {}
        self._generations: dict[User, int] = {}
        self._finishing: set[tuple[User, int]] = set()
        """Ended grants whose running answers may still arrive."""
        self._revoking: set[User] = set()
        """Whose name is still in the file."""
        self._unwritten: set[User] = set()
        """Whose access has ended here, and the store took no note of it."""
        self._mending: asyncio.Task[None] | None = None
        self._shut_out: set[User] = set()
        self._fence: Callable[[str, str], Awaitable[Stopped]] | None = None

    def fence(self, fence: Callable[[str, str], Awaitable[Stopped]]) -> None:
        """What stops everything that is done on behalf of a user whose access has ended."""
        self._fence = fence

    def generation(self, platform: str, user_id: str) -> int:
        """Rises with each end of a grant; what was begun under an earlier one is not gone on with."""
        return self._generations.get((platform, user_id), 0)

    def stands(self, platform: str, grant: Grant) -> bool:
        """Whether what is done on behalf of a grant may go on."""
        if ((platform, grant.user_id), grant.generation) in self._finishing:
            return True
        return self.is_allowed(platform, grant.user_id) and self.generation(platform, grant.user_id) == grant.generation

    async def start(self) -> None:
        """Finish what a crash interrupted, then take over the file's allowlist and the store's levels."""
        self._revoking = set(await self._grants.revoking())
        for platform, user_id in sorted(self._revoking):
            await asyncio.to_thread(self._config.remove_allowed, platform, user_id)
            await self._grants.end_revoke(platform, user_id)
            self._note(What.REVOKED, (platform, user_id), CORE, "an earlier revocation was cut off, and is finished")
        self._revoking.clear()
        self._trust = await self._grants.load()
        self._generations = await self._grants.generations()
        self._allowed = _lists(self._config.current.config)
        await self._adopt(self._config.current.config, BY_HAND)

    def known_platforms(self) -> frozenset[str]:
        """See `Access.known_platforms`."""
        return self._platforms()

    def everyone(self) -> list[User]:
        """Everybody who is let in, by platform and id, in no order."""
        return [(platform, user_id) for platform, users in self._allowed.items() for user_id in users]

    def is_allowed(self, platform: str, user_id: str) -> bool:
        """See `Access.is_allowed`."""
        return user_id in self._allowed.get(platform, NOBODY)

    def shut_out(self, platform: str, user_id: str) -> None:
        """See `Access.shut_out`."""
        self._shut_out.add((platform, user_id))

    def readmit(self, platform: str, user_id: str) -> None:
        """See `Access.readmit`."""
        self._shut_out.discard((platform, user_id))

    def is_shut_out(self, platform: str, user_id: str) -> bool:
        """See `Access.is_shut_out`."""
        return (platform, user_id) in self._shut_out

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
            elif user in self._unwritten:
                await self._grants.drop(platform, user_id)  # else the level of before would be theirs again after a restart
            try:
                loaded = await asyncio.to_thread(self._config.add_allowed, platform, user_id)
            except ConfigError:
                if trust_level is not None and before:
                    await self._grants.put(platform, user_id, before)
                elif trust_level is not None:
                    self._raise_generation(user)
                    await self._grants.drop(platform, user_id)
                raise
            self._revoking.discard(user)
            self._unwritten.discard(user)
            if trust_level is not None:
                self._trust[user] = trust_level
            self._note(What.ALLOWED, user, actor(), f"trust {trust_level.value}" if trust_level else "trust as on its platform")
            await self._adopt(loaded.config, BY_HAND, user)

    async def revoke(self, platform: str, user_id: str, *, finish: bool = False) -> Stopped | None:
        """See `Access.revoke`. Memory goes first, so that no message slips through while the file is written."""
        user = self._known(platform), user_id
        async with self._lock:
            if not self.is_allowed(platform, user_id):
                if not await asyncio.to_thread(self._config.remove_allowed, platform, user_id):
                    return None
                self._note(What.REVOKED, user, actor())
                return NOTHING_STOPPED
            self._allowed[platform] -= {user_id}
            self._trust.pop(user, None)
            self._revoking.add(user)
            if finish:
                self._finishing.add((user, self.generation(*user)))
            self._raise_generation(user)
            noted = await self._written(user, self._grants.begin_revoke(platform, user_id))
            stopped = NOTHING_STOPPED if finish else await self._stop(user)
            self._note(What.REVOKED, user, actor(), "the answer in the making is finished" if finish else stopped.in_words)
            try:
                await asyncio.to_thread(self._config.remove_allowed, platform, user_id)
            except ConfigError as error:
                if noted:
                    raise
                raise StoreError(f"neither the file nor the database could be written, which is tried again: {error}") from error
            self._revoking.discard(user)
            if noted:
                await self._written(user, self._grants.end_revoke(platform, user_id))
            return stopped

    async def refresh(self) -> None:
        """Take over the allowlists of the file as it was last read or written."""
        async with self._lock:
            await self._adopt(self._config.current.config, actor())

    async def close(self) -> None:
        """Write no more of what could not be written: the next start finds it out from the file."""
        if self._mending is not None:
            self._mending.cancel()
            await asyncio.wait({self._mending})

    async def _written(self, user: User, write: Awaitable[None]) -> bool:
        """Whether the store took it; else it is made good as soon as it does. What holds in memory and in the file does not wait for it."""
        try:
            await write
        except StoreError as error:
            log.error("the end of a user's access could not be kept; trying again", extra={"platform": user[0], "error": str(error)})
            self._unwritten.add(user)
            if self._mending is None:
                self._mending = asyncio.create_task(self._mend())
            return False
        return True

    async def _mend(self) -> None:
        while self._unwritten:
            await self._clock.sleep(MEND_EVERY)
            async with self._lock:
                for user in sorted(self._unwritten):
                    with contextlib.suppress(StoreError, ConfigError):
                        if user in self._revoking:
                            await asyncio.to_thread(self._config.remove_allowed, *user)
                            self._revoking.discard(user)
                        await self._grants.drop(*user)
                        self._unwritten.discard(user)
        self._mending = None

    def _note(self, what: What, user: User, who: str, why: str | None = None) -> None:
        self._record(Decision(what, who, platform=user[0], user_id=user[1], why=why))

    def _raise_generation(self, user: User) -> None:
        self._generations[user] = self._generations.get(user, 0) + 1

    async def _stop(self, user: User) -> Stopped:
        return await self._fence(*user) if self._fence is not None else NOTHING_STOPPED

    def _known(self, platform: str) -> str:
        if platform not in self._platforms():
            raise UnknownPlatform(f"unknown platform: {platform}")
        return platform

    async def _adopt(self, config: BotsConfig, who: str, recorded: User | None = None) -> None:
        """Make the file's lists live, without those whose revocation is not through, and forget the levels of who is gone.

        `who`: whose doing it is. `recorded`: whose admission is on record already.
        """
        fresh = _lists(config)
        for platform, user_id in self._revoking:
            fresh[platform] = fresh.get(platform, NOBODY) - {user_id}
        before, self._allowed = self._allowed, fresh
        for platform, users in fresh.items():
            for user in sorted({(platform, user_id) for user_id in users - before.get(platform, NOBODY)} - {recorded}):
                self._note(What.ALLOWED, user, who, "by the list in bots.yaml")
        gone = {(platform, user_id) for platform, users in before.items() for user_id in users - fresh.get(platform, NOBODY)}
        for user in sorted(gone | {user for user in self._trust if not self.is_allowed(*user)}):
            self._trust.pop(user, None)
            self._raise_generation(user)
            await self._written(user, self._grants.drop(*user))
            stopped = await self._stop(user)
            self._note(What.REVOKED, user, who, f"not on the list in bots.yaml any more; {stopped.in_words}")


def _lists(config: BotsConfig) -> dict[str, frozenset[str]]:
    return {platform: frozenset(section.allowed_ids) for platform, section in config.sections().items()}
