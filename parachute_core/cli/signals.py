"""SIGTERM, Ctrl-C and a closed terminal: the first asks the bot to stop, the second ends the process. SIGHUP asks it to reload."""

import asyncio
import os
import signal
import threading
from enum import Enum, auto
from types import TracebackType

from parachute_core.cli.exits import PROBLEM

WATCHED = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
STANDARD_STREAMS = (0, 1, 2)
STOP_WITHIN = 10.0
"""Seconds from the first signal until the process ends, come what may."""


class Wish(Enum):
    """What a signal asks for."""

    STOP = auto()
    RELOAD = auto()


class Signals:
    """While the block runs, signals come here. A stop before `next` is awaited cancels the block: the start is unwound."""

    def __init__(self) -> None:
        self.name = ""
        """Of the signal that stops the bot."""
        self._stop = False
        self._came = asyncio.Event()
        self._terminals = _terminals()
        self._starting: asyncio.Task[object] | None = None
        self._deadline = threading.Timer(STOP_WITHIN, os._exit, (PROBLEM,))
        self._deadline.daemon = True

    async def __aenter__(self) -> "Signals":
        self._starting = asyncio.current_task()
        for number in WATCHED:
            asyncio.get_running_loop().add_signal_handler(number, self._take, number)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        self._deadline.cancel()
        for number in WATCHED:
            asyncio.get_running_loop().remove_signal_handler(number)
        # Cancelled by a signal while it started, and unwound: that is a stop like any other.
        return isinstance(error, asyncio.CancelledError) and self._stop

    async def next(self) -> Wish:
        """Return at the next signal. Several that ask to reload and come together count as one; after a stop there is no other."""
        self._starting = None
        await self._came.wait()
        if self._stop:
            return Wish.STOP
        self._came.clear()
        return Wish.RELOAD

    def _take(self, number: signal.Signals) -> None:
        if number is signal.SIGHUP and _terminals() >= self._terminals:
            self._came.set()
            return
        if self._stop:
            os._exit(128 + number)
        self.name = number.name
        self._stop = True
        self._came.set()
        # A thread, because it must hold even when the event loop is stuck.
        self._deadline.start()
        if self._starting is not None:
            self._starting.cancel()


def _terminals() -> frozenset[int]:
    """Which of the standard streams are a terminal; one that was closed is none any more."""
    return frozenset(one for one in STANDARD_STREAMS if os.isatty(one))
