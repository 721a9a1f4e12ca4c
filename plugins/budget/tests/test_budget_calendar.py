"""Days and months turn at the owner's midnight, also where clocks are put forward or back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parachute_budget.calendar import Calendar, Moment, Period

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "now", "moment", "tomorrow", "next_month"),
    [
        ("UTC", "2026-01-31T23:59", Moment("2026-01-31", "2026-01"), "2026-02-01T00:00", "2026-02-01T00:00"),
        ("UTC", "2026-12-31T12:00", Moment("2026-12-31", "2026-12"), "2027-01-01T00:00", "2027-01-01T00:00"),
        # 23 hours: clocks go forward in the night
        ("Europe/Berlin", "2026-03-28T23:00", Moment("2026-03-29", "2026-03"), "2026-03-29T22:00", "2026-03-31T22:00"),
        # 25 hours
        ("Europe/Berlin", "2026-10-24T22:00", Moment("2026-10-25", "2026-10"), "2026-10-25T23:00", "2026-10-31T23:00"),
        # that day has no midnight: its first moment is one o'clock
        ("America/Sao_Paulo", "2018-11-04T02:59", Moment("2018-11-03", "2018-11"), "2018-11-04T03:00", "2018-12-01T02:00"),
        # the last hour of a day comes twice
        ("America/Sao_Paulo", "2018-02-18T02:30", Moment("2018-02-17", "2018-02"), "2018-02-18T03:00", "2018-03-01T03:00"),
        ("Pacific/Kiritimati", "2026-01-31T10:00", Moment("2026-02-01", "2026-02"), "2026-02-01T10:00", "2026-02-28T10:00"),
    ],
)
def test_known_moments(zone: str, now: str, moment: Moment, tomorrow: str, next_month: str) -> None:
    calendar = Calendar(ZoneInfo(zone))
    assert calendar.at(utc(now)) == moment
    assert calendar.next(Period.DAY, utc(now)) == utc(tomorrow)
    assert calendar.next(Period.MONTH, utc(now)) == utc(next_month)


@given(st.sampled_from(ZONES), st.integers(0, 24 * 366 * 86400), st.sampled_from(Period))
def test_the_next_period_begins_at_the_first_moment_that_is_in_another(zone: str, seconds: int, period: Period) -> None:
    calendar, now = Calendar(ZoneInfo(zone)), utc("2011-01-01") + timedelta(seconds=seconds)
    begins = calendar.next(period, now)
    assert now < begins <= now + timedelta(days=1 if period is Period.DAY else 31, hours=26)
    assert calendar.at(begins - timedelta(microseconds=1)).of(period) == calendar.at(now).of(period)
    assert calendar.at(begins).of(period) > calendar.at(now).of(period)
