"""Tells the plugins of one turn: that it began, what it used, that it ended."""

from collections.abc import Callable, Coroutine
from typing import Any

from parachute_core.clock import Clock
from parachute_core.model.turn import MOST_TOKENS, Usage
from parachute_core.model.turn_report import TurnEnd, TurnReport, TurnStage
from parachute_core.store.inbox import Taken
from parachute_core.store.unbroken import unbroken

Tell = Callable[[TurnReport], Coroutine[Any, Any, None]]


class TurnTeller:
    """What one try of a turn is told by."""

    def __init__(self, tell: Tell, clock: Clock, taken: Taken) -> None:
        self._tell = tell
        self._clock = clock
        self._taken = taken
        self._session_id: str | None = None
        self._used: Usage | None = None
        self.asked = False
        """Whether the agent was asked."""
        self.end = TurnEnd.STOPPED
        """How it ends, as far as is known; what breaks it off says nothing more."""

    async def begun(self, session_id: str) -> None:
        """The turn begins in this session."""
        self._session_id = session_id
        await self._tell(self._report(TurnStage.BEGUN, session_id))

    async def used(self, usage: Usage) -> None:
        """The agent told what it used. Told to the end, also when the turn is cancelled meanwhile."""
        self._used = usage if self._used is None else _sum(self._used, usage)
        if self._session_id is not None:
            await unbroken(self._tell(self._report(TurnStage.USAGE, self._session_id, usage)))

    async def ended(self) -> None:
        """The turn is over, if it began. Told to the end, also when the turn is cancelled meanwhile."""
        if self._session_id is not None:
            await unbroken(self._tell(self._report(TurnStage.ENDED, self._session_id, self._used, self.end)))

    def _report(self, stage: TurnStage, session_id: str, usage: Usage | None = None, end: TurnEnd | None = None) -> TurnReport:
        message = self._taken.message
        return TurnReport(
            stage=stage,
            number=self._taken.number,
            platform=message.platform,
            chat_id=message.chat_id,
            user_id=message.user_id,
            session_id=session_id,
            at=self._clock.now(),
            tries=self._taken.tries,
            usage=usage,
            end=end,
            asked=self.asked,
        )


def _sum(one: Usage, other: Usage) -> Usage:
    return Usage(
        min(MOST_TOKENS, one.input_tokens + other.input_tokens),
        min(MOST_TOKENS, one.output_tokens + other.output_tokens),
        min(MOST_TOKENS, one.cached_tokens + other.cached_tokens),
        min(MOST_TOKENS, one.cache_write_tokens + other.cache_write_tokens),
        one.model if one.model == other.model else None,
    )
