"""How the answering agent fares, for the owner."""

import logging
from collections.abc import Callable
from datetime import datetime

from parachute_core.clock import Clock
from parachute_core.model.decision import CORE, Decision, What
from parachute_core.model.errors import OrchestratorError, OrchestratorFault

log = logging.getLogger(__name__)


class AgentWatch:
    """Is told how each turn ended. What nobody but the owner can mend is logged as an error and put on record, once for each time."""

    def __init__(self, use: str, clock: Clock, note: Callable[[Decision], None]) -> None:
        self._clock = clock
        self._note = note
        self.use = use
        """Its name in `bots.yaml`."""
        self.trouble: str | None = None
        """Why it did not answer last; None: it did, or was not asked yet."""
        self.since: datetime | None = None
        """Since when it has not answered: aware, UTC."""
        self._told = False

    def answered(self) -> None:
        """It gave a whole answer."""
        self.trouble, self.since, self._told = None, None, False

    def failed(self, error: OrchestratorError) -> None:
        """It did not. That it does not want to answer a question, or has too much to say, is no trouble."""
        if error.kind in (OrchestratorFault.REFUSED, OrchestratorFault.TRUNCATED):
            return
        self.trouble = f"{error.kind.value}: {error}"
        self.since = self.since or self._clock.now()
        if error.kind is OrchestratorFault.MISCONFIGURED and not self._told:
            self._told = True
            log.error("the agent does not take what it is set up with; nobody is answered until that is mended: %s", error)
            self._note(Decision(What.AGENT_REFUSED, CORE, why=f"{self.use}: {error}"))
