"""What each session and user has used, by model: tokens, in all. Never what for."""

from dataclasses import dataclass
from datetime import datetime

from parachute_core.model.turn_report import TurnReport
from parachute_core.store.database import Database
from parachute_core.store.group_commit import Statement, Write
from parachute_core.store.timestamps import from_text, to_text

UNKNOWN = ""
"""Stands for a model that is not known."""

ADD = Write(
    8,
    """
INSERT INTO usage
    (session_id, user_id, model, platform, input_tokens, output_tokens, cached_tokens, cache_write_tokens, at)
VALUES
    (:session_id, :user_id, :model, :platform, :input_tokens, :output_tokens, :cached_tokens, :cache_write_tokens, :at)
ON CONFLICT DO UPDATE SET
    input_tokens = input_tokens + excluded.input_tokens,
    output_tokens = output_tokens + excluded.output_tokens,
    cached_tokens = cached_tokens + excluded.cached_tokens,
    cache_write_tokens = cache_write_tokens + excluded.cache_write_tokens,
    at = excluded.at""",
)
BY_SESSION = """
SELECT session_id, platform, user_id, model, input_tokens, output_tokens, cached_tokens, cache_write_tokens, at FROM usage
ORDER BY at DESC, session_id, user_id, model LIMIT :limit OFFSET :offset"""
BY_USER = """
SELECT NULL AS session_id, platform, user_id, model, SUM(input_tokens) AS input_tokens, SUM(output_tokens) AS output_tokens,
    SUM(cached_tokens) AS cached_tokens, SUM(cache_write_tokens) AS cache_write_tokens, MAX(at) AS at
FROM usage GROUP BY platform, user_id, model
ORDER BY at DESC, platform, user_id, model LIMIT :limit OFFSET :offset"""


@dataclass(frozen=True, slots=True)
class Used:
    """What was used of one model by one user, in one session or in all."""

    session_id: str | None
    """None: in all."""
    platform: str
    user_id: str
    model: str | None
    """None: not known."""
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    at: datetime
    """Of the latest of it: aware, UTC."""


class UsageBook:
    """The usage table. Reads raise `StoreError`; writes are statements for a group commit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, report: TurnReport) -> Statement | None:
        """Write what a turn tells that it used; None where it tells nothing."""
        used = report.usage
        if used is None:
            return None
        return Statement(
            ADD,
            {
                "session_id": report.session_id,
                "user_id": report.user_id,
                "model": used.model or UNKNOWN,
                "platform": report.platform,
                "input_tokens": used.input_tokens,
                "output_tokens": used.output_tokens,
                "cached_tokens": used.cached_tokens,
                "cache_write_tokens": used.cache_write_tokens,
                "at": to_text(report.at),
            },
        )

    async def page(self, limit: int, offset: int, *, by_user: bool) -> list[Used]:
        """What was used, the latest first: `limit` entries after the first `offset`. `by_user`: all sessions of a user as one."""
        rows = await self._database.fetch_all(BY_USER if by_user else BY_SESSION, {"limit": limit, "offset": offset})
        return [Used(**{**row, "model": row["model"] or None, "at": from_text(row["at"])}) for row in rows]
