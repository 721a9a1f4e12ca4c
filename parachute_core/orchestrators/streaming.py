"""One answer of a language model over HTTP, piece by piece. What the services have in common; what differs is given in."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Iterable
from types import TracebackType
from typing import Generic, Protocol, TypeVar

import httpx2

from parachute_core.clock import Clock, within
from parachute_core.model.errors import OrchestratorError, OrchestratorFault
from parachute_core.model.turn import Done, TextDelta, Turn, TurnEvent

Piece = TypeVar("Piece")
Piece_co = TypeVar("Piece_co", covariant=True)
Piece_contra = TypeVar("Piece_contra", contravariant=True)

TIMEOUT = httpx2.Timeout(connect=10.0, write=30.0, read=None, pool=None)
"""Seconds. Reading is bounded by `silence`, on the bot's own clock."""
LIMITS = httpx2.Limits(max_keepalive_connections=0)
"""People are slower than connections live: each turn has one of its own, so that none has gone stale and none is left open."""
UNREACHED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError)
"""Before these nothing of the request had left."""


class Reader(Protocol[Piece_contra]):
    """Reads the pieces of one answer."""

    @property
    def over(self) -> bool:
        """Whether nothing more is to come."""
        ...

    def read(self, piece: Piece_contra) -> Iterable[TurnEvent]:
        """What a piece says; never `Done`. Raises whatever its shape may lead to."""
        ...

    def verdict(self) -> OrchestratorError | None:
        """What was wrong with the answer, now that nothing more comes; None: it is whole."""
        ...


class Stream(Protocol[Piece_co]):
    """The pieces of one answer as they come; leaving it closes the connection."""

    async def __aenter__(self) -> object: ...
    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /) -> None: ...
    def __anext__(self) -> Awaitable[Piece_co]: ...


class StreamingService(ABC, Generic[Piece]):
    """An `Orchestrator` that asks a service. It asks once: the core asks again."""

    def __init__(self, clock: Clock, silence: float) -> None:
        self._clock = clock
        self._silence = silence

    @abstractmethod
    async def _ask(self, turn: Turn) -> Stream[Piece]:
        """Ask; returns as the answer begins."""

    @abstractmethod
    def _reader(self) -> Reader[Piece]:
        """For one answer."""

    @abstractmethod
    def _fault(self, error: Exception) -> OrchestratorError | None:
        """What an error of the service's library means; None for any other error."""

    async def answer(self, turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        """See `Orchestrator.answer`."""
        reader, text, asked = self._reader(), "", False
        cause: Exception | None = None
        try:
            stream = await within(self._clock, self._silence, self._ask(turn))
            asked = True
            async with stream:
                while not reader.over and (piece := await within(self._clock, self._silence, _next(stream))) is not None:
                    for event in reader.read(piece):
                        text += event.text if isinstance(event, TextDelta) else ""
                        yield event
        except Exception as error:  # noqa: BLE001 - it is looked at below
            cause = error
        fault = reader.verdict()
        if fault is None:  # an answer that is whole stays whole, whatever became of its connection
            yield Done()
            return
        fault = self._meaning(cause, asked=asked) if cause else fault
        fault.partial = text
        raise fault from (None if cause is fault else cause)

    def _meaning(self, error: Exception, *, asked: bool) -> OrchestratorError:
        if isinstance(error, OrchestratorError):
            return error
        if isinstance(error, TimeoutError):
            return OrchestratorError(OrchestratorFault.TIMEOUT, f"the service was silent for {self._silence:g} s")
        if (known := self._fault(error)) is not None:
            return known
        cause = error if isinstance(error, httpx2.HTTPError) else error.__cause__  # the libraries wrap some of them
        if isinstance(cause, UNREACHED):
            return OrchestratorError(OrchestratorFault.UNAVAILABLE, f"the service cannot be reached: {cause}", retryable=True)
        if isinstance(cause, httpx2.HTTPError):
            # Before its first byte it is most often a server that is being restarted.
            return OrchestratorError(OrchestratorFault.PROTOCOL, f"the connection broke: {type(cause).__name__}", retryable=not asked)
        name = type(error).__name__
        if asked or isinstance(error, ValueError):  # the libraries check no shapes: what is wrong with one shows where it is read
            return OrchestratorError(OrchestratorFault.PROTOCOL, f"the service says what nobody understands ({name})")
        return OrchestratorError(OrchestratorFault.INTERNAL, name)


async def _next(stream: Stream[Piece]) -> Piece | None:
    """The next piece; None at the end."""
    try:
        return await stream.__anext__()
    except StopAsyncIteration:
        return None
