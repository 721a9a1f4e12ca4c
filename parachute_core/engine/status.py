"""The truth about one connector: its state, its proof of life, its last error."""

import logging
from collections.abc import Callable

from parachute_core.clock import Clock
from parachute_core.model.decision import CORE, Decision, What
from parachute_core.model.redaction import Redactor
from parachute_core.model.status import ALLOWED, ConnectorState, StatusChange

HEALTHY_AFTER = 60.0
"""Seconds of proven life after which earlier failures are forgotten."""
ON_RECORD = {
    ConnectorState.STARTING: What.CONNECTOR_STARTED,
    ConnectorState.STOPPED: What.CONNECTOR_STOPPED,
    ConnectorState.FAILED: What.CONNECTOR_PARKED,
}
"""Moves that somebody decided; that a connection comes and goes is nobody's decision."""

log = logging.getLogger(__name__)


class StatusKeeper:
    """Holds the state of a platform's connector; plugins are asked before each move."""

    def __init__(
        self,
        platform: str,
        ask: Callable[[StatusChange], None],
        clock: Clock,
        redact: Redactor,
        alive: Callable[[], None] = lambda: None,
        record: Callable[[Decision], None] = lambda _decision: None,
    ) -> None:
        self.platform = platform
        self.state = ConnectorState.STOPPED
        self._ask = ask
        self._alive = alive
        """Told when the connector begins to run."""
        self._record = record
        self._clock = clock
        self._redact = redact
        self._running_since: float | None = None
        self._since: float | None = None
        self._attempts = 0
        self._failures = 0
        self._last_error: str | None = None
        self._last_error_time: float | None = None
        self._erred_at = clock.monotonic()
        self._last_message_time: float | None = None
        self._last_proof: str | None = None
        self._last_proof_at: float | None = None
        self._next_attempt_at: float | None = None

    def set_status(self, new: ConnectorState) -> bool:
        """Move to `new`. False: the table has no such move, and the state is as it was. Raises what a plugin vetoes with.

        Moving to the present state is no move: True, and nobody is asked.
        """
        if new is self.state:
            return True
        allowed = new in ALLOWED[self.state]
        self._ask(StatusChange(self.platform, self.state, new, allowed))
        if not allowed:
            log.warning("invalid connector state transition", extra={"platform": self.platform, "old": self.state.value, "new": new.value})
            return False
        log.info("connector is %s", new.value, extra={"platform": self.platform, "was": self.state.value})
        self.state = new
        self._since = self._clock.now().timestamp()
        self._running_since = self._clock.monotonic() if new is ConnectorState.RUNNING else None
        if new is not ConnectorState.RECONNECTING:
            self._next_attempt_at = None
        if new is ConnectorState.STARTING:
            self._attempts = 0
        if new is ConnectorState.RUNNING:
            self._alive()
        if new in ON_RECORD:
            parked = new is ConnectorState.FAILED
            # Whoever had it started has no part in its ending by itself.
            self._record(Decision(ON_RECORD[new], CORE if parked else None, self.platform, why=self._last_error if parked else None))
        return True

    def record_error(self, error: BaseException | str) -> None:
        """Remember what went wrong, without its secrets. Never raises."""
        try:
            words = str(error) or type(error).__name__
        except Exception:  # noqa: BLE001 - an error whose text cannot be made must not hide that there was one
            words = type(error).__name__
        self._settle()
        self._erred_at = self._clock.monotonic()
        self._failures += 1
        self._last_error = self._redact(words)
        self._last_error_time = self._clock.now().timestamp()

    def prove(self, what: str) -> None:
        """The platform was just proven alive: `running` from now on. Raises what a plugin vetoes with."""
        self._settle()
        self._last_proof = what
        self._last_proof_at = self._clock.now().timestamp()
        self.set_status(ConnectorState.RUNNING)

    def failed_attempt(self) -> int:
        """Count a connection that was lost or never made; returns how many in a row, healthy spells taken off."""
        self._settle()
        self._attempts += 1
        return self._attempts

    def waiting(self, seconds: float) -> None:
        """The next attempt is made in `seconds`."""
        self._next_attempt_at = self._clock.now().timestamp() + seconds

    def message_came(self) -> None:
        """A message was received."""
        self._last_message_time = self._clock.now().timestamp()

    def report(self) -> dict[str, object]:
        """The status fields that the admin API shows; times are epoch seconds, durations seconds."""
        self._settle()
        uptime = None if self._running_since is None else self._clock.monotonic() - self._running_since
        return {
            "platform": self.platform,
            "status": self.state.value,
            "running": self.state is ConnectorState.RUNNING,
            "since": self._since,
            "failure_count": self._failures,
            "last_error": self._last_error,
            "last_error_time": self._last_error_time,
            "uptime": uptime,
            "last_message_time": self._last_message_time,
            "reconnect_attempts": self._attempts,
            "last_proof": self._last_proof,
            "last_proof_at": self._last_proof_at,
            "next_attempt_at": self._next_attempt_at,
        }

    def _settle(self) -> None:
        """After a healthy spell the failures before it are history."""
        if self._running_since is not None and self._clock.monotonic() - max(self._running_since, self._erred_at) >= HEALTHY_AFTER:
            self._attempts = 0
            self._failures = 0
            self._last_error = None
