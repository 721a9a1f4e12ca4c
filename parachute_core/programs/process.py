"""One run of a program: started in a group of its own, fed, read, and gone with all its children afterwards."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Mapping, Sequence

from parachute_core.clock import Clock, within

LONGEST_LINE = 1024 * 1024
"""Bytes of one line of output."""
KEPT_STDERR = 8 * 1024
"""Bytes of what it wrote to stderr last that are logged."""
GRACE = 1.0
"""Seconds from the polite request to end until it is killed."""


class OutputTooLong(Exception):
    """The program wrote more than it may: a line above `LONGEST_LINE` bytes, or more in all than was asked for."""


class Program:
    """Made by `start`; `stop` must be called in the end."""

    def __init__(self, process: asyncio.subprocess.Process, clock: Clock, logger: logging.Logger) -> None:
        self._process = process
        self._clock = clock
        self._logger = logger
        self._stderr = asyncio.ensure_future(self._drain())

    @classmethod
    async def start(cls, argv: Sequence[str], env: Mapping[str, str], request: bytes, clock: Clock, logger: logging.Logger) -> "Program":
        """Start it and hand it `request` on its stdin. Raises `OSError` when it cannot be started."""
        process = await asyncio.create_subprocess_exec(
            *argv,
            env=dict(env),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            limit=LONGEST_LINE,
        )
        stdin = process.stdin
        if stdin is not None:
            # Not awaited: a command may answer without reading, or close its stdin early, and that is its own affair.
            stdin.write(request)
            stdin.close()
        return cls(process, clock, logger)

    async def read_line(self) -> bytes:
        """The next line of its stdout, or `b""` at the end. Raises `OutputTooLong`."""
        if self._process.stdout is None:
            return b""
        try:
            return await self._process.stdout.readline()
        except ValueError as error:
            raise OutputTooLong from error

    async def read_all(self, most: int) -> bytes:
        """All that it writes to its stdout until the end. Raises `OutputTooLong` as soon as that is more than `most` bytes."""
        kept = bytearray()
        while self._process.stdout is not None and (chunk := await self._process.stdout.read(64 * 1024)):
            kept += chunk
            if len(kept) > most:
                raise OutputTooLong
        return bytes(kept)

    async def wait(self) -> int:
        """Its exit code, once it has ended; negative: the signal that ended it."""
        return await self._process.wait()

    async def stop(self) -> None:
        """End it and every process of its group: politely if it still runs, then for certain. Safe to call at any time."""
        try:
            if self._process.returncode is None:
                self._signal(signal.SIGTERM)
                with contextlib.suppress(TimeoutError):
                    await within(self._clock, GRACE, self._process.wait())
        finally:
            self._signal(signal.SIGKILL)
            try:
                # Bounded: a child that left the group may hold the pipes open, and this is not allowed to wait for it.
                with contextlib.suppress(TimeoutError):
                    await within(self._clock, GRACE, asyncio.gather(self._process.wait(), self._stderr))
            finally:
                self._stderr.cancel()
                # asyncio has no public way to let go of pipes that somebody else still holds.
                self._process._transport.close()  # type: ignore[attr-defined]

    def _signal(self, number: signal.Signals) -> None:
        # The group outlives its first process as long as one of its children lives.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    async def _drain(self) -> None:
        """Read stderr so that the command never blocks on it; keep the end of it for the log."""
        kept = b""
        try:
            while self._process.stderr is not None and (chunk := await self._process.stderr.read(64 * 1024)):
                kept = (kept + chunk)[-KEPT_STDERR:]
        finally:
            if kept:
                self._logger.debug("the command wrote to stderr: %s", kept.decode(errors="replace"))


def how_it_ended(code: int) -> str:
    """An exit code in words."""
    return f"exit code {code}" if code >= 0 else f"signal {-code}"
