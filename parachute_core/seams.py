"""Where the bot can be given other parts than the real ones."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from parachute_core.clock import Clock, SystemClock
from parachute_core.connectors.catalog import Catalog
from parachute_core.hooks.discover import Candidate
from parachute_core.model.turn import Orchestrator, Transcriber


@dataclass(frozen=True, slots=True)
class Seams:
    """What a test or an embedding program may put in place of the real thing."""

    clock: Clock = field(default_factory=SystemClock)
    rng: random.Random = field(default_factory=random.Random)
    connectors: Catalog = field(default_factory=Catalog)
    plugins: Sequence[Candidate] | None = None
    """None: those that are installed."""
    orchestrator: Orchestrator | None = None
    """None: the one that the config names."""
    transcriber: Transcriber | None = None
    """None: the one that the config names, if it names one."""
    watch: bool = True
    """Whether changes that are made to `bots.yaml` by hand are followed."""
