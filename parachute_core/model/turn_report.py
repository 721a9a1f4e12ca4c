"""What plugins are told of a turn while it is made."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from parachute_core.model.message import ChatRef
from parachute_core.model.turn import Usage


class TurnStage(StrEnum):
    """Where the turn stands."""

    BEGUN = "begun"
    """Its session is known; nothing was shown, fetched or asked yet."""
    USAGE = "usage"
    """The agent told what it used. There may be several, or none."""
    ENDED = "ended"
    """Exactly one for each that began, unless the process dies in between."""


class TurnEnd(StrEnum):
    """How it ended."""

    ANSWERED = "answered"
    """The agent gave its whole answer. What became of it on its way is in the outbox."""
    FAILED = "failed"
    """There was no whole answer."""
    UNAVAILABLE = "unavailable"
    """The agent could not be reached or started, or turned the turn away before it did anything."""
    WITHHELD = "withheld"
    """A layer kept it back."""
    STOPPED = "stopped"
    """It was broken off: by `/new`, a revocation, an archiving, or the bot's own stop, after which it is begun again."""


@dataclass(frozen=True, slots=True)
class TurnReport:
    """One step of one turn."""

    stage: TurnStage
    number: int
    """The message's number in the inbox: unique, ever growing, and the same when a turn is begun again after a stop or a crash."""
    platform: str
    chat_id: str
    user_id: str
    session_id: str
    at: datetime
    """Aware, UTC."""
    tries: int = 0
    """How often the turn was begun before, in an earlier process."""
    usage: Usage | None = None
    """USAGE: what was told now. ENDED: all that was told in this try, or None when nothing was; its `model` is None where there were
    several. Else None.
    """
    end: TurnEnd | None = None
    """ENDED alone has it."""
    asked: bool = False
    """Whether the agent was asked by now; until then the turn has cost nothing."""

    @property
    def chat(self) -> ChatRef:
        """Where it takes place."""
        return ChatRef(self.platform, self.chat_id)
