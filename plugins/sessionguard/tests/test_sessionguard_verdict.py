from dataclasses import replace
from datetime import UTC, datetime

import pytest
from parachute_sessionguard.verdict import Closed, closed

from parachute_core import ChatType, Session, TrustLevel

AT = datetime(2026, 1, 5, tzinfo=UTC)
OPEN = Session("s1", "telegram", "1", ChatType.DIRECT, "1", TrustLevel.SANDBOXED, archived=False, created_at=AT, last_used=AT)


@pytest.mark.parametrize("trust", list(TrustLevel))
def test_a_live_session_of_known_trust_is_open(trust: TrustLevel) -> None:
    assert closed(replace(OPEN, trust_level=trust)) is None


def test_everything_else_is_closed() -> None:
    assert closed(None) is Closed.GONE
    assert closed(replace(OPEN, archived=True)) is Closed.ARCHIVED
    assert closed(replace(OPEN, trust_level=None)) is Closed.UNREADABLE
    assert closed(replace(OPEN, archived=True, trust_level=None)) is Closed.ARCHIVED


def test_the_user_of_an_ended_session_is_told_the_way_out() -> None:
    assert Closed.ARCHIVED.notice == "Your session has ended — start a new one with /new"
    assert Closed.GONE.notice == Closed.ARCHIVED.notice
    assert "/new" in Closed.UNREADABLE.notice
