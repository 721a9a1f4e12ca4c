"""One-time tokens by which the owner lets in a first visitor."""

import hashlib
import logging
import secrets
from collections.abc import Callable

from parachute_core.clock import Clock
from parachute_core.engine.access import AccessControl
from parachute_core.engine.register import acting
from parachute_core.model.decision import OWNER, Decision, What
from parachute_core.model.errors import ParachuteError

LIFETIME = 24 * 3600.0
"""Seconds in which an owner's token can be used."""

log = logging.getLogger(__name__)


class OwnerTokens:
    """Tokens of this run of the bot, kept as hashes; each works once."""

    def __init__(self, access: AccessControl, clock: Clock, record: Callable[[Decision], None]) -> None:
        self._access = access
        self._record = record
        self._clock = clock
        self._until: dict[str, float] = {}

    def issue(self) -> str:
        """A new token: 192 random bits, safe in a URL."""
        token = secrets.token_urlsafe(24)
        self._until[_digest(token)] = self._clock.monotonic() + LIFETIME
        return token

    async def redeem(self, platform: str, user_id: str, token: str) -> bool:
        """Let the user in with the platform's own trust level.

        False: the token is unknown, used or too old. Raises `ConfigError` when the file cannot be edited; the token stays good then.
        """
        # Looked up by digest, so that the time it takes tells nothing about the tokens that exist.
        until = self._until.pop(_digest(token), None)
        if until is None or self._clock.monotonic() > until:
            return False
        try:
            with acting(OWNER):
                await self._access.allow(platform, user_id, None)
        except ParachuteError as error:
            self._until[_digest(token)] = until
            log.error("an owner's link could not be used", extra={"platform": platform, "error": str(error)})
            raise
        self._record(Decision(What.LINK_USED, OWNER, platform=platform, user_id=user_id, why="a link for one use, printed at the start"))
        log.info("an owner's link was used", extra={"platform": platform, "user_id": user_id})
        return True


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
