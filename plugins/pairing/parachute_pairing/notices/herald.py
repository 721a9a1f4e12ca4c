"""Tells the owner of new requests: all that have come, in one message, and not too often."""

import asyncio
import logging
from datetime import timedelta

from parachute_core import ParachuteError, PluginContext, Purpose
from parachute_pairing.notices import wording
from parachute_pairing.notices.store import NoticeStore
from parachute_pairing.settings import Notify, Settings
from parachute_pairing.store import PairingStore
from parachute_pairing.turned_away import TurnedAway

AGAIN, LONGEST = 5.0, 300.0
"""Seconds until the owner is told of what could not be told now; twice as many each time, up to the longest."""


class Herald:
    """The first request is told at once, and what comes within the interval after it together at its end, also over a restart."""

    def __init__(
        self,
        context: PluginContext[Settings],
        notify: Notify,
        store: PairingStore,
        notices: NoticeStore,
        turned_away: TurnedAway,
    ) -> None:
        self._notify = notify
        self._clock = context.clock
        self._log = context.logger
        self._notifier = context.notifier
        self._store = store
        self._notices = notices
        self._turned_away = turned_away
        self._counted = 0
        self._news = asyncio.Event()
        self._news.set()  # what came before the start

    def hear(self) -> None:
        """There is a new request."""
        self._news.set()

    async def run(self) -> None:
        """Tell what comes, for ever."""
        due, again = self._clock.monotonic() + await self._left(), AGAIN
        while True:
            await self._news.wait()
            await self._clock.sleep(due - self._clock.monotonic())
            self._news.clear()
            try:
                if await self._tell():
                    due = self._clock.monotonic() + self._notify.interval
                again = AGAIN
            except Exception as error:  # noqa: BLE001 - one failed round must not end the loop
                # The first failure is no news: connectors start after this.
                level = logging.DEBUG if again == AGAIN else logging.WARNING
                self._log.log(level, "the owner could not be told of requests", extra={"error": type(error).__name__})
                self._news.set()
                due, again = self._clock.monotonic() + again, min(2 * again, LONGEST)

    async def _left(self) -> float:
        """Seconds of the interval after the last notice of an earlier run; a clock that was set back makes that no longer."""
        try:
            last = await self._notices.last_notice()
        except ParachuteError:
            return self._notify.interval
        if last is None:
            return 0.0
        left = last + timedelta(seconds=self._notify.interval) - self._clock.now()
        return min(max(0.0, left.total_seconds()), self._notify.interval)

    async def _tell(self) -> bool:
        """False: there was nothing to tell. Raises what made it impossible."""
        new = await self._notices.untold()
        if not new:
            return False
        counted = self._turned_away.messages
        text, buttons = wording.notice(new, await self._store.count_pending(), counted - self._counted)
        await self._notifier.send(self._notify.chat, text, Purpose.NOTICE, buttons)
        self._counted = counted
        # After it is kept: cut off in between, they are told twice rather than never.
        await self._notices.told(new[-1], self._clock.now())
        return True
