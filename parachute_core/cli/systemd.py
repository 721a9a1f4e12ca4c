"""Tells the service manager how the bot is, over the socket in `NOTIFY_SOCKET`: see sd_notify(3). Without it nothing is told."""

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping

from parachute_core.clock import Clock, within
from parachute_core.model.errors import StoreError

MICRO = 1_000_000

log = logging.getLogger(__name__)


class ServiceManager:
    """Whoever started the bot as a service. What is told never waits and never fails."""

    def __init__(self, environ: MutableMapping[str, str], clock: Clock) -> None:
        """Takes its variables out of `environ`: they are meant for this process, and not for programs that it starts."""
        self._clock = clock
        self._address = environ.pop("NOTIFY_SOCKET", "")
        fed = environ.pop("WATCHDOG_USEC", "")
        meant_for = environ.pop("WATCHDOG_PID", "") or str(os.getpid())
        self._watchdog = int(fed) / MICRO if fed.isdecimal() and meant_for == str(os.getpid()) else 0.0
        """Seconds after which the service manager takes a bot from which it heard nothing for dead; 0: it does not."""

    def ready(self, status: str) -> None:
        """The bot is up, or done with reloading."""
        self._tell("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """The configuration is being read anew."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={int(self._clock.monotonic() * MICRO)}")

    def stopping(self) -> None:
        """The bot stops."""
        self._tell("STOPPING=1", "STATUS=stopping")

    @contextlib.asynccontextmanager
    async def watching(self, alive: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
        """While the block runs the watchdog is fed, for as long as `alive` answers in time; it is asked in the event loop."""
        task = asyncio.create_task(self._feed(alive)) if self._address and self._watchdog else None
        try:
            yield
        finally:
            if task is not None:
                task.cancel()
                await asyncio.wait({task})

    async def _feed(self, alive: Callable[[], Awaitable[object]]) -> None:
        third = self._watchdog / 3  # waited for, asked, and as much again to spare
        while True:
            try:
                await within(self._clock, third, alive())
            except (TimeoutError, StoreError) as error:
                log.error("the store does not answer; the watchdog is not fed", extra={"error": type(error).__name__})
            else:
                self._tell("WATCHDOG=1")
            await self._clock.sleep(third)

    def _tell(self, *lines: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as told:
                told.setblocking(False)
                told.sendto("\n".join(lines).encode(), address)
        except OSError as error:
            log.warning("the service manager could not be told", extra={"what": lines[0], "error": error.strerror})
