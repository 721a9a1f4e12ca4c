"""What the owner's page reads, it reads along an index: a large table does not make it slow."""

from pathlib import Path

import pytest

from parachute_core.store.audit import FILTERS, page_query
from parachute_core.store.database import Database
from parachute_core.store.deliveries import COUNTS, PAGE
from parachute_core.store.logins import FIND
from parachute_core.store.sessions import LISTED
from parachute_core.testing import FakeClock

NOTHING = {"limit": 50, "offset": 0, "state": None, "platform": None, "chat_id": None, "digest": "x", "now": "", "idle": ""}


async def plan(folder: Path, sql: str) -> str:
    async with Database.open(folder / "plan.db", FakeClock()) as database:
        params = {**NOTHING, **dict.fromkeys(FILTERS, "x")}
        rows = database.read_all(f"EXPLAIN QUERY PLAN {sql}", {name: value for name, value in params.items() if f":{name}" in sql})
    return "; ".join(row["detail"] for row in rows)


@pytest.mark.parametrize("name", ["user_id", "chat_id", "what", "who"])
async def test_a_filter_of_the_audit_log_uses_its_index(tmp_path: Path, name: str) -> None:
    found = await plan(tmp_path, page_query([name]))
    assert "USING INDEX audit_" in found
    assert "TEMP B-TREE" not in found, "the newest come first without sorting"


@pytest.mark.parametrize("sql", [LISTED, page_query([])])
async def test_a_page_is_read_in_the_order_that_is_there(tmp_path: Path, sql: str) -> None:
    assert "TEMP B-TREE FOR ORDER BY" not in await plan(tmp_path, sql)


@pytest.mark.parametrize(
    ("sql", "index"), [(PAGE, "outbox_state"), (COUNTS, "outbox_state"), (FIND, "sqlite_autoindex_logins"), (LISTED, "sessions_last_used")]
)
async def test_no_table_is_read_as_a_whole(tmp_path: Path, sql: str, index: str) -> None:
    assert index in await plan(tmp_path, sql)
