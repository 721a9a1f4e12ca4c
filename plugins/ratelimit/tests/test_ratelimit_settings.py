from typing import Any

import pytest
from parachute_ratelimit.plugin import Settings
from pydantic import ValidationError


def test_the_defaults_are_ten_messages_a_minute_answered_once() -> None:
    settings = Settings()
    assert (settings.limit, settings.window, settings.notify) == (10, 60.0, "once")
    assert "{wait}" in settings.message


@pytest.mark.parametrize(
    "keys",
    [
        {"limit": 1},
        {"limit": 10_000},
        {"window": 86_400},
        {"window": 0.5},
        {"notify": "always"},
        {"message": "Slow down."},
        {"message": "{{literal}} {wait}, I said {wait}"},
    ],
)
def test_good_values_are_taken(keys: dict[str, Any]) -> None:
    Settings.model_validate(keys)


@pytest.mark.parametrize(
    "keys",
    [
        {"limit": 0},
        {"limit": 10_001},
        {"limit": 2.5},
        {"limit": True},
        {"limit": "ten"},
        {"window": 0},
        {"window": -1},
        {"window": 86_401},
        {"window": float("nan")},
        {"window": float("inf")},
        {"window": True},
        {"notify": "never"},
        {"message": ""},
        {"message": "wait {seconds}"},
        {"message": "wait {}"},
        {"message": "wait {0}"},
        {"message": "wait {wait.__class__}"},
        {"message": "wait {wait!r}"},
        {"message": "wait {wait:>99999999}"},
        {"message": "wait {wait"},
        {"message": "wait }"},
        {"limits": 3},
    ],
)
def test_what_could_not_work_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(keys)


def test_a_wrong_placeholder_is_named() -> None:
    with pytest.raises(ValidationError, match=r"\{seconds\} cannot be filled in; the one placeholder is \{wait\}"):
        Settings(message="wait {seconds}")
