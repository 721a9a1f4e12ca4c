"""A database from before the audit log, and before the owner could send something again, is brought to this version."""

import sqlite3
from contextlib import closing
from pathlib import Path

from parachute_core.store.migrations import BOOKKEEPING, CORE_STEPS
from parachute_core.testing import running_bot

BEFORE = next(number for number, step in enumerate(CORE_STEPS) if "ADD COLUMN position" in step)
PARCEL = (
    '{"outgoing":{"platform":"telegram","chat_id":"1","kind":"message","purpose":"notice","key":"%s","text":"the words of %s"},'
    '"whole":"k","inbox":null,"last":false,"edits":null,"grant":null,"exchange":null}'
)
PUT = """
INSERT INTO outbox (id, platform, chat_id, kind, purpose, state, parcel, tries, unknown, resent, created_at, changed_at, error, reason)
VALUES (?, 'telegram', '1', 'message', 'notice', ?, ?, 1, 0, 0, '2026-01-04T00:00:00+00:00', '2026-01-04T00:00:00+00:00', ?, ?)"""


def earlier(path: Path) -> None:
    """What the version before left behind."""
    with closing(sqlite3.connect(path)) as old:
        old.execute(BOOKKEEPING)
        for number, step in enumerate(CORE_STEPS[:BEFORE], start=1):
            old.execute(step)
            old.execute("INSERT INTO schema_steps VALUES ('core', ?, '')", (number,))
        old.execute(PUT, (7, "dead", PARCEL % ("a", "a"), "Rejected", "no"))
        old.execute(PUT, (8, "dead", None, "Rejected", "no"))
        old.execute(PUT, (9, "queued", PARCEL % ("b", "b"), None, None))
        old.commit()


async def test_what_an_earlier_version_kept_is_listed_sent_again_and_put_on_record(tmp_path: Path) -> None:
    earlier(tmp_path / "parachute.db")
    async with running_bot(home=tmp_path) as bot:
        await bot.settled()
        assert bot.texts() == ["the words of b"]
        listed = (await bot.request("GET", "/api/deliveries")).json["deliveries"]
        assert [(one["id"], one["state"]) for one in listed] == [(8, "dead"), (7, "dead")]
        assert (await bot.request("POST", "/api/deliveries/8/retry")).status == 409
        assert (await bot.request("POST", "/api/deliveries/7/retry")).status == 200
        await bot.settled()
        assert bot.texts() == ["the words of b", "the words of a"]
        entries = (await bot.request("GET", "/api/audit?what=delivery_retried")).json["entries"]
        assert [one["delivery"] for one in entries] == [7]
