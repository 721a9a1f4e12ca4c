"""The keys in `bots.yaml`."""

from typing import Any

import pytest
from parachute_pairing.settings import Settings
from pydantic import ValidationError


def test_defaults() -> None:
    assert Settings() == Settings(ttl_days=7, sweep_interval=3600, nudges=1, max_pending=100)


@pytest.mark.parametrize(
    "keys",
    [
        {"ttl_days": 0},
        {"ttl_days": -1},
        {"ttl_days": 365.5},
        {"ttl_days": float("nan")},
        {"ttl_days": True},
        {"ttl_days": "7"},
        {"sweep_interval": 0},
        {"sweep_interval": float("inf")},
        {"nudges": -1},
        {"nudges": 1.5},
        {"max_pending": 0},
        {"ttl": 7},
        {"max_per_hour": 0},
        {"preview": -1},
        {"preview": 201},
        {"preview": True},
        {"invite_pause": 0.5},
        {"guesses_per_hour": 0},
    ],
)
def test_what_makes_no_sense_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(keys)


@pytest.mark.parametrize(
    "keys",
    [{"ttl_days": 0.001}, {"ttl_days": 365}, {"sweep_interval": 1}, {"nudges": 0}, {"max_pending": 1}, {"max_per_hour": 1}, {"preview": 0}],
)
def test_the_edges_are_taken(keys: dict[str, Any]) -> None:
    assert Settings.model_validate(keys).model_dump() == Settings().model_dump() | keys
