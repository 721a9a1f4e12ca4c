"""Tables of a run as the page shows them."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

OURS = "parachute"
Facts = Mapping[str, Any]
"""What a run has written down, or a part of it."""


def one_table(table: Facts) -> list[str]:
    """The median, the ratio to its reference, and how far the ratios of the rounds lie apart. Notes stand below it."""
    lines = [f"| | {table['unit']} | × {table['reference']} | within the rounds |", "|---|---|---|---|"]  # noqa: RUF001
    for row in table["rows"]:
        bold = _bold(row["name"])
        lines.append(f"| {bold}{row['name']}{bold} | {number(row['median'])} | {bold}{row['ratio']:.2f}{bold} | {_spread(row)} |")
    notes = [note for note in table["notes"] if note]
    return [*lines, *(["", *(f"- {note}" for note in notes)] if notes else [])]


def ratios(tables: Sequence[Facts]) -> list[str]:
    """The lines below the head of a table with a column for each of these, its ratios, and what one needs to judge them."""
    reference = tables[0]["reference"]
    ours = next(name for name in _names(tables) if name.startswith(OURS))
    everywhere = (name for name in _names(tables) if all(_row(one, name) for one in tables))
    other = next(name for name in everywhere if not name.startswith(OURS) and name != reference)
    lines = [_line(name, [f"{row['ratio']:.3g}" if (row := _row(one, name)) else None for one in tables]) for name in _names(tables)]
    judged = (
        (f"*{reference}, {tables[0]['unit']}*", [number(_known(one, reference)["median"]) for one in tables]),
        ("*ours, within the rounds*", [_spread(_known(one, ours)) for one in tables]),
        (f"*{other} ÷ ours*", [_quotient(_known(one, other), _known(one, ours)) for one in tables]),
    )
    return [*lines, *(_line(name, cells) for name, cells in judged)]


def medians(tables: Sequence[Facts]) -> list[str]:
    """The lines below the head of a table with a column for each of these and their medians."""
    return [_line(name, [number(row["median"]) if (row := _row(one, name)) else None for one in tables]) for name in _names(tables)]


def exactness(found: Facts) -> list[str]:
    """The lines below the head of the table of wrong answers."""
    counts = ("arrivals", "wrong_admits", "wrong_refusals", "after_step_back", "after_step_forward")
    return [_line(name, [f"{got[one]:,}" for one in counts], bold_figures=False) for name, got in found.items()]


def measured(facts: Facts) -> str:
    """When and where, and beside what."""
    peers = ", ".join(dict.fromkeys(one for pins in facts["peers"].values() for one in pins))
    where = f"on {facts['cores']} cores ({facts['machine']}), CPython {facts['python']}"
    return f"Measured on {facts['date']} {where}. Peers, and what they need: {peers}."


def number(value: float) -> str:
    """Three digits, or all of those before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _names(tables: Sequence[Facts]) -> list[str]:
    return list(dict.fromkeys(row["name"] for one in tables for row in one["rows"]))


def _row(table: Facts, name: str) -> Facts | None:
    return next((row for row in table["rows"] if row["name"] == name), None)


def _known(table: Facts, name: str) -> Facts:
    found = _row(table, name)
    assert found is not None, name
    return found


def _quotient(one: Facts, other: Facts) -> str:
    return f"{statistics.median(its / mine for its, mine in zip(one['ratios'], other['ratios'], strict=True)):.1f}"


def _spread(row: Facts) -> str:
    return f"{min(row['ratios']):.2f} – {max(row['ratios']):.2f}"  # noqa: RUF001


def _bold(name: str) -> str:
    return "**" if name.startswith(OURS) else ""


def _line(name: str, cells: Sequence[str | None], *, bold_figures: bool = True) -> str:
    bold = _bold(name)
    inner = bold if bold_figures else ""
    shown = ["–" if cell is None else f"{inner}{cell}{inner}" for cell in cells]  # noqa: RUF001
    return f"| {bold}{name}{bold} | {' | '.join(shown)} |"
