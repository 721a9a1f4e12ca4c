"""Every platform's connector, by name: start, stop, restart, test, status."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from parachute_core.clock import Clock, within
from parachute_core.config.schema import BotsConfig, MatrixSection, PlatformSection
from parachute_core.connectors.base import Complaint, Connector, ConnectorContext, Memory
from parachute_core.connectors.link import Desk, Status
from parachute_core.connectors.supervise import Supervisor
from parachute_core.model.errors import AlreadyRunning, ConnectorError, NotConfigured, ParachuteError, UnknownPlatform
from parachute_core.model.message import Inbound

T = TypeVar("T")

TEST_WITHIN = 15.0
"""Seconds that a look at the platform may take, such as a test of credentials."""
FOLLOWED_LIVE = {"allowed_users", "allowed_rooms", "dm_trust_level", "group_trust_level", "group_history", "reply_mode"}
"""Keys of a section that are read afresh whenever they matter, so that a change of them needs no new connection."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Core:
    """What the fleet needs of the rest of the bot."""

    make: Callable[[ConnectorContext], Connector]
    platforms: Callable[[], frozenset[str]]
    config: Callable[[], BotsConfig]
    attach: Callable[[str, Connector], None]
    """Make the connector the way out to its platform. Raises when a plugin's layer cannot be made."""
    detach: Callable[[str], None]
    receive: Callable[[Inbound], Awaitable[None]]
    redeem: Callable[[str, str, str], Awaitable[bool]]
    is_allowed: Callable[[str, str], bool]
    moved: Callable[[str, str, str], Awaitable[None]]
    reachable: Callable[[str, str], Awaitable[None]]
    may_show: Callable[[str, str], bool]
    """Whether a sign in a chat of a platform may be shown now."""
    status: Callable[[str], Status]
    secret: bytes
    memory: Callable[[str], Memory]
    """What the platform's connector remembers."""
    folder: Callable[[str], Path]
    """Where its library may keep files."""


class Fleet:
    """One supervisor for each platform that was ever started."""

    def __init__(self, core: Core, clock: Clock, rng: random.Random) -> None:
        self._core = core
        self._clock = clock
        self._rng = rng
        self._supervisors: dict[str, Supervisor] = {}
        self._following = asyncio.Lock()
        self._followed: dict[str, object] = {}
        """What of each platform's settings was acted upon last; a platform that is not in here has none yet."""

    def platforms(self) -> frozenset[str]:
        """Every platform that can be named here."""
        return self._core.platforms()

    def live(self, platform: str) -> Connector | None:
        """The platform's connector, if it is started."""
        supervisor = self._supervisors.get(platform)
        return supervisor.connector if supervisor else None

    async def start(self, platform: str) -> None:
        """Start the platform; returns before it is connected.

        Raises `UnknownPlatform`, `NotConfigured`, `AlreadyRunning`, `PluginError`.
        """
        section = self._usable(platform)
        self._followed[platform] = _connection(section)

        def make() -> Connector:
            connector = self._make(platform, section)
            self._core.attach(platform, connector)
            return connector

        core = self._core
        desk = Desk(
            receive=core.receive,
            redeem=partial(core.redeem, platform),
            is_allowed=partial(core.is_allowed, platform),
            moved=partial(core.moved, platform),
            reachable=partial(core.reachable, platform),
        )
        await self._supervisor(platform).start(make, desk)

    async def stop(self, platform: str) -> None:
        """Stop the platform; fine when it is stopped. Raises `UnknownPlatform`."""
        self._known(platform)
        await self._supervisor(platform).stop()

    async def test(self, platform: str) -> Mapping[str, str]:
        """Verify the platform's credentials; returns who the bot is. Raises `UnknownPlatform`, `NotConfigured`, `ConnectorError`."""
        return await self._look(platform, lambda connector: connector.test())

    def missing(self, platform: str) -> str | None:
        """Why the platform's connector cannot be made, such as a library that is not installed; may hold secrets. None: it can."""
        try:
            self._make(platform, self._usable(platform))
        except NotConfigured as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - somebody else's factory: whatever is wrong with it keeps the platform from starting
            return f"{type(error).__name__}: {error}"
        return None

    async def examine(self, platform: str, *, alone: bool) -> Sequence[Complaint]:
        """Look for what is wrong at the platform, see `Connector.examine`. Raises as `test` does."""
        return await self._look(platform, lambda connector: connector.examine(alone=alone))

    def status(self, platform: str) -> dict[str, object]:
        """The status fields of a platform, configured or not. Raises `UnknownPlatform`."""
        self._known(platform)
        return self._status(platform, self._core.config().sections().get(platform))

    def statuses(self) -> dict[str, dict[str, object]]:
        """Those of every platform, by name in alphabetical order."""
        sections = self._core.config().sections()
        return {platform: self._status(platform, sections.get(platform)) for platform in sorted(self.platforms())}

    def _status(self, platform: str, section: PlatformSection | None) -> dict[str, object]:
        report = self._supervisor(platform).status.report()
        report["enabled"] = section is not None and section.enabled
        report["has_token"] = section is not None and section.has_token
        report["allowed_users_count"] = len(section.allowed_users) if section else 0
        if isinstance(section, MatrixSection):
            report["allowed_rooms_count"] = len(section.allowed_rooms)
        return report

    async def start_enabled(self) -> None:
        """Start every enabled platform. One that cannot be started is recorded as `failed`, and the others start all the same."""
        await self.follow()

    async def stop_all(self) -> None:
        """Stop every platform, at once."""
        await asyncio.gather(*(self.stop(platform) for platform in self._supervisors))

    async def follow(self) -> None:
        """Start, stop or restart the platforms whose own settings changed since they were last followed, and no other. Safe to repeat."""
        async with self._following:
            sections = self._core.config().sections()
            changed = [one for one in sorted(sections.keys() | self._followed.keys()) if self._changed(one, sections.get(one))]
            await asyncio.gather(*(self._follow(platform, sections.get(platform)) for platform in changed))

    def _changed(self, platform: str, section: PlatformSection | None) -> bool:
        return _connection(section) != self._followed.get(platform)

    async def _follow(self, platform: str, section: PlatformSection | None) -> None:
        self._followed[platform] = _connection(section)
        await self.stop(platform)
        if section is not None and section.enabled:
            await self._start_or_record(platform)

    async def _start_or_record(self, platform: str) -> None:
        try:
            await self.start(platform)
        except AlreadyRunning:
            return  # somebody else was faster
        except ParachuteError as error:
            log.error("a platform is enabled and cannot be started", extra={"platform": platform, "error": str(error)})
            self._supervisor(platform).park(error)

    def _known(self, platform: str) -> None:
        if platform not in self.platforms():
            raise UnknownPlatform(f"unknown platform: {platform}")

    def _usable(self, platform: str) -> PlatformSection:
        self._known(platform)
        section = self._core.config().sections().get(platform)
        if section is None:
            raise NotConfigured(f"{platform} is not configured")
        if not section.enabled:
            raise NotConfigured(f"{platform} is not enabled")
        if not section.has_token:
            raise NotConfigured(f"{platform} has no token")
        return section

    def _make(self, platform: str, section: PlatformSection) -> Connector:
        core, logger = self._core, logging.getLogger(f"parachute_core.connectors.{platform}")
        return core.make(
            ConnectorContext(
                platform=platform,
                settings=section,
                clock=self._clock,
                logger=logger,
                secret=core.secret,
                memory=core.memory(platform),
                folder=core.folder(platform),
                may_show=partial(core.may_show, platform),
            )
        )

    async def _look(self, platform: str, look: Callable[[Connector], Awaitable[T]]) -> T:
        """With a connector of its own, beside the one that may run."""
        connector = self._make(platform, self._usable(platform))
        try:
            return await within(self._clock, TEST_WITHIN, look(connector))
        except TimeoutError:
            raise ConnectorError("the platform did not answer in time") from None
        except ParachuteError:
            raise
        except Exception as error:
            # Whatever a platform's library makes of an odd answer; its words may hold anything.
            name = type(error).__name__
            log.warning("a platform could not be asked", extra={"platform": platform, "error": name})
            log.debug("a platform could not be asked", exc_info=error)
            raise ConnectorError(f"the platform could not be asked ({name})") from None

    def _supervisor(self, platform: str) -> Supervisor:
        if platform not in self._supervisors:
            self._supervisors[platform] = Supervisor(
                self._core.status(platform), lambda: self._core.detach(platform), self._clock, self._rng
            )
        return self._supervisors[platform]


def _connection(section: PlatformSection | None) -> object:
    """What of a section needs a new connection when it changes."""
    return section and section.model_dump(exclude=FOLLOWED_LIVE)
