"""What a scripted service is told to do with one request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from parachute_core.model.turn import Usage


class End(StrEnum):
    """How a stream ends."""

    WHOLE = "whole"
    TOO_LONG = "too long"
    """With the limit of its length as the reason."""
    REFUSED = "refused"
    """With the word that the model does not want to."""
    UNSAID = "unsaid"
    """Without a reason, and else as ever."""
    OVERLOADED = "overloaded"
    """With an error in its middle."""
    NONSENSE = "nonsense"
    """With something that is no JSON."""
    MISSHAPEN = "misshapen"
    """With JSON that has another shape than the format."""
    DROPPED = "dropped"
    """The connection is reset."""
    STALLED = "stalled"
    """Never: nothing more comes."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the service does with a request."""

    text: tuple[str, ...] = ("Hello", " there")
    """The pieces of the answer."""
    end: End = End.WHOLE
    used: Usage = field(default=Usage(input_tokens=11, output_tokens=7, cached_tokens=5))
    """What it tells that it used; the model is the one that was asked for."""
    status: int = 200
    """Anything else: the request is turned away with it."""
    retry_after: str | None = None
    """The header that goes with it."""
    named: object = None
    """What the error is named, where the format has a name; None: what belongs to the status."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, read."""

    model: str
    key: str
    """The credential that came with it."""
    system: str
    """Empty: none."""
    messages: tuple[tuple[str, str], ...]
    """Role and text of each, oldest first; without the system prompt."""
    raw: Mapping[str, object] = field(repr=False)
    """The whole body."""
