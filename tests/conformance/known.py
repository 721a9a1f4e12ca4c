"""Scenarios as pytest's parameters; those that are known to fail must fail."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from parachute_core.testing.conformance import Scenario


def cases(scenarios: Iterable[Scenario], known: Mapping[str, str]) -> list[Any]:
    """One parameter for each scenario. `known`: by name, why one fails; a name that is no scenario's is a mistake."""
    listed = list(scenarios)
    assert known.keys() <= {one.name for one in listed}
    return [pytest.param(one, id=one.name, marks=_marks(known.get(one.name))) for one in listed]


def _marks(why: str | None) -> list[pytest.MarkDecorator]:
    return [] if why is None else [pytest.mark.xfail(reason=why, raises=AssertionError, strict=True)]
