"""Which orchestrators are installed."""

from parachute_core.installed import InstalledParts
from parachute_core.orchestrators.context import MakeOrchestrator

ORCHESTRATOR_GROUP = "parachute_core.orchestrators"


class Catalog(InstalledParts[MakeOrchestrator]):
    """The installed orchestrators by name."""

    group = ORCHESTRATOR_GROUP
    section = "orchestrator"
