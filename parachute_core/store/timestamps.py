"""Times in the database: UTC ISO text of one fixed length, so that comparing the texts compares the times."""

from datetime import UTC, datetime


def to_text(at: datetime) -> str:
    """`2026-01-31T12:00:00.000000+00:00`. `at` must be aware."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def from_text(text: str) -> datetime:
    """The aware time, in UTC, that `to_text` wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)
