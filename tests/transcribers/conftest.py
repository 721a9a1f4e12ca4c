"""No test leaves a program behind."""

from tests.programs import nothing_left_behind

__all__ = ["nothing_left_behind"]
