"""Kills a real bot at random points while messages flow, starts it again, and counts what was lost and what was doubled.

`python -m parachute_core.testing.crashes` runs it by hand; needs what the fakes of the platforms need.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from parachute_core.testing.crashes.counterparts import Counterpart
from parachute_core.testing.crashes.counting import Counts
from parachute_core.testing.crashes.discord import DiscordSide
from parachute_core.testing.crashes.matrix import MatrixSide, matrix_side
from parachute_core.testing.crashes.telegram import TelegramSide
from parachute_core.testing.crashes.trial import Trial, run_trial
from parachute_core.testing.crashes.web import WebSide

__all__ = ["SIDES", "Counterpart", "Counts", "DiscordSide", "MatrixSide", "TelegramSide", "Trial", "WebSide", "run_trial"]

SIDES: dict[str, Callable[[], AbstractAsyncContextManager[Counterpart]]] = {
    "telegram": TelegramSide,
    "discord": DiscordSide,
    "matrix": matrix_side,
    "web": WebSide,
}
"""What can be tried, by the platform's name; a further platform is one more of these."""
