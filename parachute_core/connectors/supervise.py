"""One owner of a connector's life: start, stop, reconnect. Everyone else asks it."""

import asyncio
import logging
import random
from collections.abc import Callable
from contextvars import Context

from parachute_core.clock import Clock, within
from parachute_core.connectors.base import Connector, Link
from parachute_core.connectors.link import Desk, Status, SupervisedLink
from parachute_core.model.errors import AlreadyRunning, ConnectionLost, CredentialsRefused
from parachute_core.model.status import ConnectorState

FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
"""Seconds: bounds of the time before a reconnect, which doubles from the one to the other; the actual wait is random below it."""
STOP_WITHIN = 10.0
"""Seconds that a connector gets to unwind."""

log = logging.getLogger(__name__)


class Supervisor:
    """Keeps one platform's connector alive. Its methods may be called at any time, by several callers at once."""

    def __init__(self, status: Status, stopped: Callable[[], None], clock: Clock, rng: random.Random) -> None:
        self.status = status
        self._stopped = stopped
        self._clock = clock
        self._rng = rng
        self._lock = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._link: SupervisedLink | None = None
        self.connector: Connector | None = None
        """The connector of the present start, also while it reconnects; None when stopped or parked."""

    async def start(self, make: Callable[[], Connector], desk: Desk) -> None:
        """Start a connector. Raises `AlreadyRunning`, or what `make` raises: then the state is `failed`."""
        async with self._lock:
            if self._task is not None and not self._task.done():
                raise AlreadyRunning("the connector is running already")
            self.status.set_status(ConnectorState.STARTING)
            try:
                connector = make()
            except Exception as error:
                self.status.record_error(error)
                self.status.set_status(ConnectorState.FAILED)
                raise
            self.connector = connector
            self._link = SupervisedLink(self.status, desk)
            # In a context of its own: nothing that comes in through it is part of the request that started it.
            self._task = asyncio.create_task(self._keep(connector, self._link), context=Context())

    async def stop(self) -> None:
        """Stop the connector; returns once nothing of it runs. Stopping what is stopped is fine."""
        async with self._lock:
            task, self._task = self._task, None
            if self._link is not None:
                self._link.close()
            if task is not None:
                task.cancel()
                try:
                    await within(self._clock, STOP_WITHIN, asyncio.wait({task}))
                except TimeoutError:
                    log.error("a connector does not unwind", extra={"platform": self._platform})
            self.connector = None
            self._stopped()
            self.status.set_status(ConnectorState.STOPPED)

    def park(self, error: Exception) -> None:
        """Record why the platform is not even tried: `failed`, until somebody starts it."""
        if self.status.state is not ConnectorState.FAILED:
            self.status.record_error(error)
            self._move(ConnectorState.STARTING)
            self._move(ConnectorState.FAILED)

    @property
    def _platform(self) -> object:
        return self.status.report()["platform"]

    async def _keep(self, connector: Connector, link: SupervisedLink) -> None:
        """Run the connector for ever; park it when its credentials are refused."""
        try:
            while True:
                error = await self._run_once(connector, link)
                self.status.record_error(error)
                if isinstance(error, CredentialsRefused):
                    log.error("credentials refused", extra={"platform": self._platform})
                    self._move(ConnectorState.FAILED)
                    return
                wait = self._wait(self.status.failed_attempt(), error)
                log.warning("connection lost", extra={"platform": self._platform, "error": type(error).__name__, "wait": round(wait, 1)})
                self._move(ConnectorState.RECONNECTING)
                self.status.waiting(wait)
                await self._clock.sleep(wait)
        finally:
            link.close()
            if self.connector is connector:
                self.connector = None

    async def _run_once(self, connector: Connector, link: Link) -> Exception:
        """Run until it ends and say why. A loop that returns without having been asked is a failure."""
        try:
            await connector.run(link)
        except Exception as error:
            log.debug("a connector's loop ended", exc_info=error)
            return error
        return ConnectionLost("the connector's loop ended without being asked")

    def _wait(self, attempt: int, error: Exception) -> float:
        """Full jitter: anything from zero to a bound that doubles with each attempt; never less than the platform asked for."""
        bound = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(attempt - 1, 10))
        asked = error.retry_after if isinstance(error, ConnectionLost) and error.retry_after else 0.0
        return max(asked, self._rng.uniform(0.0, bound))

    def _move(self, new: ConnectorState) -> None:
        """A plugin's veto must not end the supervision; it is recorded like any other error."""
        try:
            self.status.set_status(new)
        except Exception as veto:  # noqa: BLE001 - whatever a plugin raises here
            log.error("a plugin vetoed a connector's state", extra={"platform": self._platform, "new": new.value})
            self.status.record_error(veto)
