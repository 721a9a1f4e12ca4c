"""What is logged while a scenario runs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

OURS = "parachute_core"


class Lines(logging.Handler):
    """Keeps every record as text, with its extra fields and its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler.emit`."""
        self.lines.append(f"{self.format(record)} {vars(record)}")


@contextmanager
def everything_logged() -> Iterator[list[str]]:
    """What the bot logs at any level, and what its libraries log at the levels that owners run them with."""
    handler = Lines()
    root, ours = logging.getLogger(), logging.getLogger(OURS)
    levels = root.level, ours.level
    root.setLevel(logging.INFO)
    ours.setLevel(logging.DEBUG)
    root.addHandler(handler)
    try:
        yield handler.lines
    finally:
        root.removeHandler(handler)
        root.setLevel(levels[0])
        ours.setLevel(levels[1])
