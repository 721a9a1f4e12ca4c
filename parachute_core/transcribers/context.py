"""What a transcriber is given when it is made."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from parachute_core.clock import Clock
from parachute_core.model.turn import Transcriber


@dataclass(frozen=True, slots=True)
class TranscriberContext:
    """All that `make_transcriber(context)` gets. What a transcriber needs from outside is in here, and nowhere else."""

    settings: Any
    """An instance of the module's `Settings` model, validated; None where the module has no such model."""
    clock: Clock
    logger: logging.Logger
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """Every secret value that the bot knows, to be kept from whatever listens."""
    environ: Mapping[str, str] = field(default_factory=dict, repr=False)
    """The bot's environment."""


MakeTranscriber = Callable[[TranscriberContext], Transcriber]
