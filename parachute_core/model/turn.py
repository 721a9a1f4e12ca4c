"""One question to the answering agent and the events of its answer."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Literal, Protocol

from parachute_core.model.trust import TrustLevel

MOST_TOKENS = 10**9
"""More than any turn uses, and few enough for whoever adds them up."""
LONGEST_MODEL = 200
"""Characters of a model's name."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One earlier message of the session."""

    role: Literal["user", "assistant"]
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Overheard:
    """What somebody said in a group, not to the bot. Neither part has a line break, `<`, `>` or `&`: they are escaped as in HTML."""

    name: str = field(repr=False)
    """Who said it, as they chose to be shown; untrusted."""
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Turn:
    """What the agent is asked."""

    session_id: str
    text: str = field(repr=False)
    history: tuple[HistoryEntry, ...] = field(repr=False)
    """Earlier messages of the session, oldest first, without `text`."""
    deadline: float
    """Seconds from now within which the answer must be complete."""
    trust_level: TrustLevel
    """What this sender's turns may do, at this moment."""
    sender: str | None = field(default=None, repr=False)
    """In a group, the name of who asks, escaped as in `Overheard`; None in a direct chat, or where the platform gave none."""
    overheard: tuple[Overheard, ...] = field(default=(), repr=False)
    """In a group, what was said there since the bot's last turn (at most `group_history` messages), oldest first. Data, never orders."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More text of the answer."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Notice:
    """A remark beside the answer (a warning, a tool's failure); shown as a message of its own."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Usage:
    """What the turn cost, in tokens: since its beginning, or since the `Usage` before. Each token is in one of the four.

    Raises `ValueError` for anything but whole numbers from 0 to `MOST_TOKENS`, and for a model's name that is empty or too long.
    """

    input_tokens: int
    """Read anew."""
    output_tokens: int
    cached_tokens: int = 0
    """Read from the model's cache; not among `input_tokens`."""
    cache_write_tokens: int = 0
    """Read anew and put into the model's cache; not among `input_tokens`."""
    model: str | None = None
    """The model that used them, by the name that it is asked for with; None: not known. At most `LONGEST_MODEL` characters."""

    def __post_init__(self) -> None:
        for count in (self.input_tokens, self.output_tokens, self.cached_tokens, self.cache_write_tokens):
            if type(count) is not int or not 0 <= count <= MOST_TOKENS:
                raise ValueError(f"a number of tokens is a whole number from 0 to {MOST_TOKENS}")
        if self.model is not None and not 0 < len(self.model) <= LONGEST_MODEL:
            raise ValueError(f"a model's name has 1 to {LONGEST_MODEL} characters")


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is complete. Exactly one, and last."""


TurnEvent = TextDelta | Notice | Usage | Done


class Orchestrator(Protocol):
    """The port to whatever answers."""

    def answer(self, turn: Turn) -> AsyncGenerator[TurnEvent, None]:
        """Events of one answer, `Done` last. Raises `OrchestratorError`. Closing the generator stops the work behind it."""
        ...


@dataclass(frozen=True, slots=True)
class Audio:
    """A spoken message, fetched."""

    content: bytes = field(repr=False)
    mime_type: str | None = None


class Transcriber(Protocol):
    """The port to whatever turns speech into text."""

    async def transcribe(self, audio: Audio) -> str:
        """What was said; empty when nothing was. Raises `TranscriberError`. Cancelling it stops the work behind it."""
        ...
