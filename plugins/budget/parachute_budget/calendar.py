"""Days and months as the owner's time zone has them."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum


class Period(StrEnum):
    """What a budget is for."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Moment:
    """The day and the month that a moment is in: `2026-03-29`, `2026-03`. Texts that compare as the days do."""

    day: str
    month: str

    def of(self, period: Period) -> str:
        """One of them."""
        return self.day if period is Period.DAY else self.month


class Calendar:
    """The calendar of one time zone."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def at(self, now: datetime) -> Moment:
        """Where a moment (aware) is."""
        day = now.astimezone(self._zone).date().isoformat()
        return Moment(day, day[:7])

    def next(self, period: Period, now: datetime) -> datetime:
        """When the next day or month begins: aware, UTC, after `now`."""
        today = now.astimezone(self._zone).date()
        next_month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
        first = today + timedelta(days=1) if period is Period.DAY else next_month
        begins = datetime.combine(first, time(), self._zone)
        moment = begins.astimezone(UTC)
        # Where a clock is set back over midnight, that midnight comes twice.
        return moment if moment > now else begins.replace(fold=1).astimezone(UTC)
