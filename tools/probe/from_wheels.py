"""A pytest plugin: the run fails unless every package of ours came from installed wheels, never from the source tree."""

import importlib
import os
import sys
from pathlib import Path

import pytest

PREFIX = Path(sys.prefix).resolve()


def strays() -> list[str]:
    """Our imported packages whose file lies outside this environment."""
    ours = {name: getattr(module, "__file__", None) for name, module in sys.modules.items() if name.startswith("parachute_")}
    return sorted(f"{name} from {place}" for name, place in ours.items() if place and not Path(place).resolve().is_relative_to(PREFIX))


def pytest_report_header() -> str:
    """Name the place each package is imported from, and refuse the run when it is the wrong one."""
    places = {name: importlib.import_module(name).__file__ for name in os.environ["FROM_WHEELS"].split()}
    if found := strays():
        pytest.exit(f"not from the wheels: {'; '.join(found)}", returncode=1)
    return "\n".join(f"{name}: {place}" for name, place in places.items())


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Look again: a test may have imported more."""
    if found := strays():
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        raise pytest.UsageError(f"not from the wheels: {'; '.join(found)}")
