from itertools import islice
from typing import Any

import pytest
from parachute_retry.plugin import Settings
from parachute_retry.schedule import fraction, waits
from pydantic import ValidationError


def test_by_default_three_retries_wait_one_two_and_four_seconds() -> None:
    assert list(waits(Settings())) == [1.0, 2.0, 4.0]


def test_there_are_as_many_retries_as_waits() -> None:
    assert list(waits(Settings(waits=()))) == []
    assert list(waits(Settings(waits=(0.0, 0.5)))) == [0.0, 0.5]


def test_each_send_gets_its_waits_from_the_start() -> None:
    settings = Settings()
    assert list(islice(waits(settings), 1)) == [1.0]
    assert list(waits(settings)) == [1.0, 2.0, 4.0]


def test_jitter_adds_up_to_its_part_of_each_wait_and_takes_nothing_off() -> None:
    chances = iter([0.0, 0.5, 1.0])
    assert list(waits(Settings(jitter=0.5), lambda: next(chances))) == [1.0, 2.5, 6.0]
    for wait, plain in zip(waits(Settings(jitter=1.0)), (1.0, 2.0, 4.0), strict=True):
        assert plain <= wait <= 2 * plain
    assert all(0 <= fraction() < 1 for _ in range(100))


def test_jitter_never_makes_a_wait_too_long_to_be_waited() -> None:
    assert list(waits(Settings(waits=(50.0,), jitter=1.0, max_wait=60.0), lambda: 1.0)) == [60.0]


@pytest.mark.parametrize(
    "keys",
    [
        {"waits": []},
        {"waits": [1, 2, 4]},
        {"waits": [0, 0.5]},
        {"waits": [1] * 20},
        {"waits": [3600], "max_wait": 3600},
        {"jitter": 1},
        {"max_wait": 4},
        {"waits": [], "max_wait": 0},
    ],
)
def test_good_values_are_taken(keys: dict[str, Any]) -> None:
    Settings.model_validate(keys)


@pytest.mark.parametrize(
    "keys",
    [
        {"waits": [-1]},
        {"waits": [3601], "max_wait": 3600},
        {"waits": [1] * 21},
        {"waits": 3},
        {"waits": ["soon"]},
        {"waits": [True]},
        {"waits": [float("nan")]},
        {"waits": [float("inf")]},
        {"jitter": -0.1},
        {"jitter": 1.1},
        {"max_wait": -1},
        {"max_wait": 3601},
        {"retries": 3},
    ],
)
def test_what_could_not_work_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(keys)


def test_a_wait_that_would_never_be_waited_is_refused_by_name() -> None:
    with pytest.raises(ValidationError, match=r"waits: 120 is longer than max_wait \(60\)"):
        Settings(waits=(1.0, 120.0))
