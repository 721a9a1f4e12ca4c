"""The judge of the benchmark finds the mistakes that limiters make, and the pictures are drawn from the figures."""

from xml.etree import ElementTree

import pytest

from benchmarks.crowd import LIMIT, Check, judged
from benchmarks.harness import Row, Table
from benchmarks.own.limiters import bare, ours
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
