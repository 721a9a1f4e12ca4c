"""Tells open pages that there is something new to see; what it is they ask for themselves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from parachute_core.clock import Clock
from parachute_core.model.errors import StoreError

EVERY = 2.0
"""Seconds between two looks, while anybody listens."""
ANYWAY = 30.0
"""Seconds after which a page looks again although nothing changed: times go on. It also shows who has gone."""
MOST = 32
"""Pages that listen at once."""
BEGIN = b"retry: 3000\n\n"
CHANGED = b"event: changed\ndata:\n\n"
OVER = b"event: over\ndata:\n\n"


class Pulse:
    """One look for all who listen, and none while nobody does."""

    def __init__(self, look: Callable[[], Awaitable[object]], clock: Clock, ending: asyncio.Event) -> None:
        """`look`: what is other when there is something new. `ending`: set when the server is to stop."""
        self._look = look
        self._clock = clock
        self._ending = ending
        self._listening: set[asyncio.Event] = set()
        self._looking: asyncio.Task[None] | None = None

    @property
    def full(self) -> bool:
        """Whether as many listen as may."""
        return len(self._listening) >= MOST

    async def listen(self, stands: Callable[[], bool]) -> AsyncIterator[bytes]:
        """What one page is sent, until it goes, or the server stops, or its login does not stand any more.

        While `stands` raises `StoreError` it stands: the page shows what is wrong.
        """
        news = asyncio.Event()
        self._listening.add(news)
        if self._looking is None:
            self._looking = asyncio.create_task(self._keep_looking())
        try:
            yield BEGIN
            while await self._news(news):
                if not _stands(stands):
                    yield OVER
                    return
                yield CHANGED
        finally:
            self._listening.discard(news)
            if not self._listening and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def _news(self, news: asyncio.Event) -> bool:
        """Wait; False: the server is to stop."""
        waits = [asyncio.ensure_future(one.wait()) for one in (news, self._ending)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
        news.clear()
        return not self._ending.is_set()

    async def _keep_looking(self) -> None:
        seen, told_at = await self._seen(), self._clock.monotonic()
        while True:
            await self._clock.sleep(EVERY)
            before, seen = seen, await self._seen()
            if seen != before or self._clock.monotonic() - told_at >= ANYWAY:
                told_at = self._clock.monotonic()
                for news in self._listening:
                    news.set()

    async def _seen(self) -> object:
        try:
            return await self._look()
        except StoreError as error:
            return str(error)


def _stands(stands: Callable[[], bool]) -> bool:
    try:
        return stands()
    except StoreError:
        return True
