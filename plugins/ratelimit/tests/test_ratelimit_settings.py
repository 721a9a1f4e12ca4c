from typing import Any

import pytest
from parachute_ratelimit.layers import Per, Rule
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
        {"message": "Too many messages from {who}: {wait}."},
        {"limits": [{"per": "chat", "limit": 3}]},
        {"limits": [{"per": one, "limit": 3, "window": 5} for one in ("chat", "user", "platform", "all")]},
        {"limits": [{"per": "user", "limit": 3}, {"per": "user", "limit": 30, "window": 3600}]},
        {"exempt": {"telegram": [123456, "7"], "matrix": ["@you:example.org"], "web": ["visitor"]}},
        {"max_turns": {"per_user": 1}},
        {"max_turns": {"overall": 5, "when_full": "refuse"}},
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
        {"limits": []},
        {"limits": [{"limit": 3}]},
        {"limits": [{"per": "chat"}]},
        {"limits": [{"per": "room", "limit": 3}]},
        {"limits": [{"per": "chat", "limit": 0}]},
        {"limits": [{"per": "chat", "limit": 3, "seconds": 3}]},
        {"limits": [{"per": "chat", "limit": 3}] * 17},
        {"exempt": ["123456"]},
        {"exempt": {"telegram": "123456"}},
        {"exempt": {"telegram": ["@somebody"]}},
        {"exempt": {"telegram": [""]}},
        {"exempt": {"telegram": [True]}},
        {"max_turns": {}},
        {"max_turns": {"per_user": 0}},
        {"max_turns": {"overall": 2, "when_full": "drop"}},
        {"max_turns": 3},
    ],
)
def test_what_could_not_work_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(keys)


def test_a_wrong_placeholder_is_named() -> None:
    with pytest.raises(ValidationError, match=r"\{seconds\} cannot be filled in; the placeholders are \{wait\} and \{who\}"):
        Settings(message="wait {seconds}")


@pytest.mark.parametrize("keys", [{"limit": 5}, {"window": 30}, {"limit": 10, "window": 60}])
def test_the_short_form_and_layers_do_not_mix(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=f"{' and '.join(keys)} cannot stand beside limits"):
        Settings.model_validate({"limits": [{"per": "chat", "limit": 3}], **keys})


def test_the_short_form_is_one_layer_for_each_chat() -> None:
    assert Settings(limit=7, window=30).rules == (Rule(Per.CHAT, 7, 30.0),)
    assert Settings().rules == (Rule(Per.CHAT, 10, 60.0),)
