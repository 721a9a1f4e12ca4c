"""Names, ids and the seven days."""

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parachute_pairing.expiry import oldest_alive
from parachute_pairing.request import ID_ALPHABET, new_id, shown_name

from parachute_core import Inbound

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def cleaned(name: str | None) -> str | None:
    """What is kept of a display name."""
    return shown_name(Inbound("telegram", "7", "7", "hello", "m1", NOON, user_name=name))


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        (None, None),
        ("", None),
        ("Ada Lovelace", "Ada Lovelace"),
        ("  Ada\t\n Lovelace ", "Ada Lovelace"),
        ("\x1b[31mAda\x07", "[31mAda"),
        ("Ada\u202egnp.exe", "Adagnp.exe"),
        ("A\u200bd\u200da\ufeff\u2060", "Ada"),
        ("\u2066Ada\u2069", "Ada"),
        ("Ada\u2028approved: yes", "Ada approved: yes"),
        ("\u3164\u2800\u200b", None),
        ("Ada \u200b Lovelace", "Ada Lovelace"),
        ("Zoë 李 🙂", "Zoë 李 🙂"),
        ("\ud800", None),
        ("x" * 65, "x" * 63 + "…"),
        ("x" * 62 + "  yy", "x" * 62 + "…"),
    ],
)
def test_a_display_name_is_cleaned_and_cut(shown: str | None, kept: str | None) -> None:
    assert cleaned(shown) == kept


@given(st.text())
def test_no_name_carries_control_or_format_characters(name: str) -> None:
    kept = cleaned(name)
    if kept is not None:
        assert 0 < len(kept) <= 64
        assert kept == kept.strip()
        assert not any(unicodedata.category(one)[0] == "C" or one in "\u2028\u2029" for one in kept)
        assert cleaned(kept) == kept


def test_a_huge_name_is_cut_before_it_is_looked_at() -> None:
    assert cleaned("\u200b" * 10_000_000 + "x") is None


def test_ids_are_short_and_hardly_ever_the_same() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(one) == 8 and set(one) <= set(ID_ALPHABET) for one in ids)


def test_a_request_lives_for_exactly_its_days() -> None:
    assert oldest_alive(NOON, 7) == NOON - timedelta(days=7)
    assert oldest_alive(NOON, 0.5) == NOON - timedelta(hours=12)
