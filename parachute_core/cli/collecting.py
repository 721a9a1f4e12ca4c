"""How often Python looks for what refers to itself."""

import gc

EVERY = 10_000
"""Objects made beyond those gone again. Python's own 700 look so often that what a message needs for a moment is taken for old; and with
two thousand pages open, all that is old is then looked at every few seconds, for a third of one."""


def collect_rarely() -> None:
    """For a process that keeps many connections open. Freed at once is still whatever nothing refers to."""
    gc.set_threshold(EVERY)
