"""Where the plugin writes: one change after the other, each finished once it was begun, each told once it is committed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from parachute_core import PairingEvent, PairingKind, PluginContext
from parachute_pairing.announcements import Announcements
from parachute_pairing.chores import Chores
from parachute_pairing.request import PairingRequest
from parachute_pairing.settings import Settings

T = TypeVar("T")


class Office:
    """The one writer's lock, and what is told of its changes."""

    def __init__(self, context: PluginContext[Settings], chores: Chores, requested: Callable[[], None] | None) -> None:
        """`requested`: whom to call after a request was made."""
        self._clock = context.clock
        self._log = context.logger
        self._chores = chores
        self._announcements = Announcements(context.announce)
        self._lock = asyncio.Lock()
        self._requested = requested

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """See `Chores.finish`."""
        return await self._chores.finish(work)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Nobody else writes meanwhile; what was committed is told at the end."""
        try:
            async with self._lock:
                yield
        finally:
            # Outside the lock: a slow listener does not keep the next stranger waiting.
            await self._announcements.deliver()

    def committed(self, kind: PairingKind, request: PairingRequest, why: str | None = None) -> None:
        """A request was changed."""
        trust_level = request.approved_trust_level if kind is PairingKind.APPROVED else None
        event = PairingEvent(kind, request.platform, request.user_id, self._clock.now(), request.id, request.chat_id, trust_level, why)
        self._announcements.add(event)
        if kind is PairingKind.REQUESTED and self._requested is not None:
            self._requested()
        self._log.info("pairing request %s", kind.value, extra={"request_id": request.id, "platform": request.platform})

    def changed(self, kind: PairingKind, platform: str, user_id: str, why: str | None = None) -> None:
        """Something was changed about a person."""
        self._announcements.add(PairingEvent(kind, platform, user_id, self._clock.now(), why=why))
        self._log.info("access %s", kind.value, extra={"platform": platform, "user_id": user_id})
