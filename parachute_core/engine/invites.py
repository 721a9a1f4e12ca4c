"""One-time tokens by which the owner lets in a first visitor."""

import logging
from collections.abc import Callable

from parachute_core.clock import Clock
from parachute_core.engine.access import AccessControl
from parachute_core.engine.register import acting
from parachute_core.engine.tokens import OneTimeTokens
from parachute_core.model.decision import OWNER, Decision, What
from parachute_core.model.errors import ParachuteError

log = logging.getLogger(__name__)


class OwnerTokens:
    """Tokens of this run of the bot; each lets in one visitor."""

    def __init__(self, access: AccessControl, clock: Clock, record: Callable[[Decision], None]) -> None:
        self._access = access
        self._record = record
        self._tokens = OneTimeTokens(clock)

    def issue(self) -> str:
        """A new token, safe in a URL."""
        return self._tokens.issue()

    async def redeem(self, platform: str, user_id: str, token: str) -> bool:
        """Let the user in with the platform's own trust level.

        False: the token is unknown, used or too old. Raises `ConfigError` when the file cannot be edited; the token stays good then.
        """
        until = self._tokens.take(token)
        if until is None:
            return False
        try:
            with acting(OWNER):
                await self._access.allow(platform, user_id, None)
        except ParachuteError as error:
            self._tokens.put_back(token, until)
            log.error("an owner's link could not be used", extra={"platform": platform, "error": str(error)})
            raise
        self._record(Decision(What.LINK_USED, OWNER, platform=platform, user_id=user_id, why="a link for one use, printed at the start"))
        log.info("an owner's link was used", extra={"platform": platform, "user_id": user_id})
        return True
