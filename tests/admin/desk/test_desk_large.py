"""The owner's page of a bot that many people know."""

import statistics
import time
from pathlib import Path

from benchmarks.desk import MAY_TAKE, large_bot, measure


async def test_with_ten_thousand_people_and_a_hundred_thousand_entries_each_view_is_quick(tmp_path: Path) -> None:
    # In time of the processor, client included: whoever else works on the machine does not count.
    async with large_bot(tmp_path) as bot:
        found = await measure(bot, 3, time.process_time)
    assert {path: took for path, seconds in found.items() if (took := statistics.median(seconds)) > MAY_TAKE} == {}
