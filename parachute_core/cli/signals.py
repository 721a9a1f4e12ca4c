"""SIGTERM, Ctrl-C and a closed terminal: the first asks the bot to stop, the second ends the process."""

import asyncio
import os
import signal
import threading
from types import TracebackType

from parachute_core.cli.exits import PROBLEM

WATCHED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
STOP_WITHIN = 10.0
"""Seconds from the first signal until the process ends, come what may."""


class StopSignals:
    """While the block runs, signals come here. One that comes before `first` is awaited cancels the block: the start is unwound."""

    def __init__(self) -> None:
        self.name = ""
        self._stop = asyncio.Event()
        self._starting: asyncio.Task[object] | None = None
        self._deadline = threading.Timer(STOP_WITHIN, os._exit, (PROBLEM,))
        self._deadline.daemon = True

    async def __aenter__(self) -> "StopSignals":
        self._starting = asyncio.current_task()
        for number in WATCHED:
            asyncio.get_running_loop().add_signal_handler(number, self._take, number)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        self._deadline.cancel()
        for number in WATCHED:
            asyncio.get_running_loop().remove_signal_handler(number)
        # Cancelled by a signal while it started, and unwound: that is a stop like any other.
        return isinstance(error, asyncio.CancelledError) and self._stop.is_set()

    async def first(self) -> None:
        """Return at the first signal."""
        self._starting = None
        await self._stop.wait()

    def _take(self, number: signal.Signals) -> None:
        if self._stop.is_set():
            os._exit(128 + number)
        self.name = number.name
        self._stop.set()
        # A thread, because it must hold even when the event loop is stuck.
        self._deadline.start()
        if self._starting is not None:
            self._starting.cancel()
