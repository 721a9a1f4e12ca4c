"""The judge of the benchmark finds the mistakes that limiters make, and pictures and tables are made from the figures."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from benchmarks.__main__ import DRAWN, TABLES
from benchmarks.crowd import LIMIT, Check, judged
from benchmarks.harness import Row, Table
from benchmarks.load import told
from benchmarks.own.limiters import bare, ours
from benchmarks.page import PAGE, filled, places
from benchmarks.svg import draw


def window_that_starts_anew(_: float) -> tuple[str, Check]:
    """What is found in many bots: a count that is cleared every minute."""
    counts: dict[tuple[str, int], int] = {}

    def check(key: str, now: float) -> float | None:
        minute = key, int(now // 60)
        counts[minute] = counts.get(minute, 0) + 1
        return None if counts[minute] <= LIMIT else 1.0

    return "now", check


def never_at_the_edge(_: float) -> tuple[str, Check]:
    """A window that is closed at both ends."""
    stamps: dict[str, list[float]] = {}

    def check(key: str, now: float) -> float | None:
        recent = [one for one in stamps.get(key, []) if now - one <= 60.0]
        if len(recent) < LIMIT:
            stamps[key] = [*recent, now]
            return None
        return 1.0

    return "now", check


@pytest.mark.parametrize(
    ("make", "admits", "refusals"),
    [(ours, False, False), (bare, False, False), (window_that_starts_anew, True, False), (never_at_the_edge, False, True)],
)
async def test_the_arrivals_bring_out_each_kind_of_mistake(make: object, admits: bool, refusals: bool) -> None:
    assert callable(make)
    kind, check = make(60.0)
    found = await judged(kind, check, lambda _: None, 20_000)
    assert (found["wrong_admits"] > 0, found["wrong_refusals"] > 0) == (admits, refusals)


def test_a_ratio_is_the_median_of_the_ratios_within_a_round() -> None:
    row = Row("ours", (1.0, 2.0, 9.0), (1.0, 4.0, 3.0))
    assert (row.value, row.ratio) == (2.0, 3.0)


def test_a_picture_has_a_bar_for_each_row() -> None:
    rows = (Row("parachute & co", (1.0,), (1.0,)), Row("<other>", (100.0,), (100.0,)))
    picture = ElementTree.fromstring(draw(Table("name", "a < b", "ns", rows, "parachute & co")))
    bars = picture.findall("{http://www.w3.org/2000/svg}rect")
    assert [bar.get("class") for bar in bars] == ["ours", "other"]
    assert float(bars[1].get("width", 0)) > float(bars[0].get("width", 0))


def test_a_page_gets_the_tables_of_a_run_and_keeps_the_others() -> None:
    rows = (Row("other", (100.0,), (1.0,)), Row("parachute", (1234.5, 1.0, 2000.0), (0.5, 0.25, 2.0)))
    table = asdict(Table("one", "title", "ns", rows, "other", ("a note",)))
    table["rows"] = [{**row, "median": one.value, "ratio": one.ratio} for row, one in zip(table["rows"], rows, strict=True)]
    page = "before\n<!-- table: one -->\nold\n<!-- end -->\n<!-- table: two -->\nkept\n<!-- end -->\n"
    once = filled(page, json.loads(json.dumps({"tables": [table]})))
    assert once == (
        "before\n<!-- table: one -->\n| | ns | × other | within the rounds |\n|---|---|---|---|\n"  # noqa: RUF001
        "| other | 100 | 1.00 | 1.00 – 1.00 |\n| **parachute** | 1,234 | **0.50** | 0.25 – 2.00 |\n\n- a note\n<!-- end -->\n"  # noqa: RUF001
        "<!-- table: two -->\nkept\n<!-- end -->\n"
    )
    assert filled(once, {"tables": [table]}) == once


def test_no_figure_of_the_page_is_written_with_an_exponent() -> None:
    assert re.findall(r"\d\.?\d*e[+-]\d+", PAGE.read_text("utf-8")) == []
    visitors = {"answered": 10_000, "sent": 12_000, "p99": 10_123.4, **dict.fromkeys(("doubled", "disordered", "errors", "closed"), 0)}
    assert "p99 10,123 ms" in told([{"visitors": visitors, "cpu": 0.5, "resident": 1 << 27}])


def measured(name: str, figures: Mapping[str, float]) -> dict[str, Any]:
    rows = tuple(Row(one, (value * 100,), (value,)) for one, value in figures.items())
    table = asdict(Table(name, "title", "ns", rows, "bare"))
    return table | {"rows": [{**asdict(row), "median": row.value, "ratio": row.ratio} for row in rows]}


def test_a_page_gets_one_table_of_several_and_keeps_its_head() -> None:
    few, many = (
        measured("few", {"parachute": 2.0, "bare": 1.0, "slow": 16.0, "lazy": 4.0}),
        measured("many", {"parachute": 1.0, "bare": 1.0, "slow": 4.0}),
    )
    head = "| × bare | few | many |\n|---|---|---|\n"  # noqa: RUF001
    facts = {
        "tables": [few, many],
        "exactness": {
            "parachute": dict.fromkeys(("arrivals", "wrong_admits", "wrong_refusals", "after_step_back", "after_step_forward"), 1000)
        },
    }
    for mark, lines in (
        (
            "ratios: few many",
            "| **parachute** | **2** | **1** |\n| bare | 1 | 1 |\n| slow | 16 | 4 |\n| lazy | 4 | – |\n| *bare, ns* | 100 | 100 |\n"  # noqa: RUF001
            "| *ours, within the rounds* | 2.00 – 2.00 | 1.00 – 1.00 |\n| *slow ÷ ours* | 8.0 | 4.0 |\n",  # noqa: RUF001
        ),
        ("medians: few many", "| **parachute** | **200** | **100** |\n| bare | 100 | 100 |\n| slow | 1,600 | 400 |\n| lazy | 400 | – |\n"),  # noqa: RUF001
        ("exactness", "| **parachute** | 1,000 | 1,000 | 1,000 | 1,000 | 1,000 |\n"),
    ):
        page = f"<!-- {mark} -->\n{head}| old | 1 | 2 |\n<!-- end -->\n"
        assert filled(page, facts) == f"<!-- {mark} -->\n{head}{lines}<!-- end -->\n"
        assert filled(page, {"tables": [few], "exactness": {}}) == page


def test_a_peer_that_is_missing_in_one_table_is_not_the_one_to_compare_with() -> None:
    few, many = (
        measured("few", {"parachute": 2.0, "bare": 1.0, "left": 4.0, "slow": 16.0}),
        measured("many", {"parachute": 1.0, "bare": 1.0, "slow": 4.0}),
    )
    page = "<!-- ratios: few many -->\n| | few | many |\n|---|---|---|\n<!-- end -->\n"
    assert "| left | 4 | \N{EN DASH} |" in (shown := filled(page, {"tables": [few, many]}))
    assert "| *slow ÷ ours* | 8.0 | 4.0 |" in shown


def test_the_page_has_one_place_for_each_table_that_a_run_makes() -> None:
    assert sorted(places(PAGE.read_text("utf-8"))) == sorted(name for _, names in TABLES.values() for name in names)


def test_every_picture_that_a_run_draws_is_shown_and_no_other() -> None:
    shown = re.findall(r"!\[[^]]+\]\(performance/([\w-]+)\.svg\)", PAGE.read_text("utf-8"))
    assert sorted(shown) == sorted(DRAWN) == sorted(one.stem for one in (PAGE.parent / "performance").iterdir())


def test_what_has_no_place_on_the_page_is_told(tmp_path: Path) -> None:
    page, facts = tmp_path / "page.md", tmp_path / "bench.json"
    page.write_text("<!-- table: one -->\nold\n<!-- end -->\n", "utf-8")
    facts.write_text(json.dumps({"tables": [measured(name, {"bare": 1.0}) for name in ("one", "two")]}), "utf-8")
    done = subprocess.run([sys.executable, "-m", "benchmarks.page", facts, page], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, f"{page} has no place for what was measured: two\n")
    assert "| bare | 100 |" in page.read_text("utf-8")
