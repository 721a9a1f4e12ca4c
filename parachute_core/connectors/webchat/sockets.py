"""One client's socket, and the frames that wait until it takes them."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Coroutine
from enum import Enum, auto
from typing import Protocol

from parachute_core.clock import Clock, within

BACKLOG = 512 * 1024
"""Characters that may wait for one socket; a client that reads so slowly is dropped."""
STALL = 15.0
"""Seconds that a socket may need to take one frame; after that its client is dropped."""
CLOSING = 2.0
"""Seconds that a socket may need to close."""

NORMAL, POLICY, FAULT, RESTART, TRY_LATER = 1000, 1008, 1011, 1012, 1013
"""Close codes (RFC 6455 and its registry): done, against the rules, our own failure, back in a moment, no room at the moment."""


class Disconnected(Exception):
    """The socket is closed, by whichever side."""


class Socket(Protocol):
    """A WebSocket as the web chat needs it. `receive` and `send` may be awaited at the same time, each by one task."""

    async def receive(self) -> str | bytes:
        """The next frame. Raises `Disconnected`."""
        ...

    async def send(self, text: str) -> None:
        """Pass one text frame on; waits while the client is slow. Raises `Disconnected`."""
        ...

    async def close(self, code: int) -> None:
        """Close with a WebSocket close code; without effect on a closed one. May raise `Disconnected`."""
        ...


class Fate(Enum):
    """What became of a frame."""

    TAKEN = auto()
    UNKNOWN = auto()
    """The socket broke while it was being passed on."""
    LOST = auto()
    """It was never passed on."""


class Tab:
    """The outgoing side of one socket. Offering never waits, so one slow client never holds up another."""

    def __init__(self, socket: Socket, clock: Clock) -> None:
        self._socket = socket
        self._clock = clock
        self._waiting: deque[tuple[str, asyncio.Future[Fate]]] = deque()
        self._backlog = 0
        self._wake = asyncio.Event()
        self._close_code: int | None = None
        self._gone = False
        self._overflow = asyncio.Event()

    def offer(self, frame: str) -> asyncio.Future[Fate]:
        """Put a frame in the queue; the future tells its fate. A full queue drops the client."""
        fate: asyncio.Future[Fate] = asyncio.get_running_loop().create_future()
        if not self._gone and self._close_code is None and self._backlog + len(frame) <= BACKLOG:
            self._waiting.append((frame, fate))
            self._backlog += len(frame)
            self._wake.set()
            return fate
        fate.set_result(Fate.LOST)
        if not self._gone and self._close_code is None:
            self._overflow.set()
            self.close(POLICY)
        return fate

    def close(self, code: int) -> None:
        """Close the socket once what waits was passed on. The first code stands."""
        if self._close_code is None:
            self._close_code = code
            self._wake.set()

    async def carry(self, reading: Coroutine[object, object, None]) -> None:
        """Pass frames on while `reading` goes on. Returns when either side has ended, with the socket closed and nothing left waiting.

        To be awaited once. A fault of `reading` is raised here.
        """
        parts = [asyncio.ensure_future(part) for part in (reading, self._write(), self._overflow.wait())]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
        except Exception:
            self.close(FAULT)
            raise
        finally:
            self._gone = True
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            while self._waiting:
                _settle(self._waiting.popleft()[1], Fate.LOST)
            with contextlib.suppress(Disconnected, TimeoutError):
                await within(self._clock, CLOSING, self._socket.close(self._close_code or NORMAL))

    async def _write(self) -> None:
        try:
            while await self._write_next():
                pass
        except Disconnected:
            return
        except TimeoutError:
            self.close(POLICY)

    async def _write_next(self) -> bool:
        while not self._waiting:
            if self._close_code is not None:
                return False
            self._wake.clear()
            await self._wake.wait()
        frame, fate = self._waiting.popleft()
        self._backlog -= len(frame)
        try:
            await within(self._clock, STALL, self._socket.send(frame))
        except BaseException:
            _settle(fate, Fate.UNKNOWN)
            raise
        _settle(fate, Fate.TAKEN)
        return True


def _settle(fate: asyncio.Future[Fate], value: Fate) -> None:
    # Whoever waited may have been cancelled, and its future with it.
    if not fate.done():
        fate.set_result(value)


async def best_fate(fates: list[asyncio.Future[Fate]]) -> Fate:
    """TAKEN as soon as one socket took the frame; otherwise, once all are known, UNKNOWN before LOST."""
    pending = set(fates)
    seen: set[Fate] = set()
    while pending and Fate.TAKEN not in seen:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        seen.update(one.result() for one in done)
    return next((fate for fate in (Fate.TAKEN, Fate.UNKNOWN) if fate in seen), Fate.LOST)
