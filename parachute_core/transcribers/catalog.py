"""Which transcribers are installed."""

from parachute_core.installed import InstalledParts
from parachute_core.transcribers.context import MakeTranscriber

TRANSCRIBER_GROUP = "parachute_core.transcribers"


class Catalog(InstalledParts[MakeTranscriber]):
    """The installed transcribers by name."""

    group = TRANSCRIBER_GROUP
    section = "transcriber"
