"""Names, ids and the seven days."""

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parachute_pairing.expiry import oldest_alive
from parachute_pairing.request import ID_ALPHABET, LONGEST_NAME, clean_name, new_id

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("shown", "cleaned"),
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
        ("x" * 65, "x" * 64),
        ("x" * 63 + "  y", "x" * 63),
    ],
)
def test_a_display_name_is_cleaned_and_cut(shown: str | None, cleaned: str | None) -> None:
    assert clean_name(shown) == cleaned


@given(st.text())
def test_no_name_carries_control_or_format_characters(name: str) -> None:
    cleaned = clean_name(name)
    if cleaned is not None:
        assert 0 < len(cleaned) <= LONGEST_NAME
        assert cleaned == cleaned.strip()
        assert not any(unicodedata.category(one)[0] == "C" or one in "\u2028\u2029" for one in cleaned)
        assert clean_name(cleaned) == cleaned


def test_a_huge_name_is_cut_before_it_is_looked_at() -> None:
    assert clean_name("\u200b" * 10_000_000 + "x") is None


def test_ids_are_short_and_hardly_ever_the_same() -> None:
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(one) == 8 and set(one) <= set(ID_ALPHABET) for one in ids)


def test_a_request_lives_for_exactly_its_days() -> None:
    assert oldest_alive(NOON, 7) == NOON - timedelta(days=7)
    assert oldest_alive(NOON, 0.5) == NOON - timedelta(hours=12)
