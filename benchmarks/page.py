"""Puts the figures of a run into the page that shows them, between marks, so that no table is written by hand.

usage: python -m benchmarks.page [JSON] [PAGE]
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

OURS = "parachute"
JSON, PAGE = Path("test-output/bench.json"), Path("docs/performance.md")
MARK = re.compile(r"(<!-- table: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def filled(page: str, facts: Mapping[str, Any]) -> str:
    """The page with each marked table that the run has; the others stay as they are."""
    tables = {one["name"]: one for one in facts["tables"]}

    def table(found: re.Match[str]) -> str:
        one = tables.get(found.group(2))
        return found.group(0) if one is None else f"{found.group(1)}{rendered(one)}\n{found.group(3)}"

    return MARK.sub(table, page)


def rendered(table: Mapping[str, Any]) -> str:
    """One table: the median, the ratio to its reference, and how far the ratios of the rounds lie apart. Notes stand below it."""
    lines = [f"| | {table['unit']} | × {table['reference']} | within the rounds |", "|---|---|---|---|"]  # noqa: RUF001
    for row in table["rows"]:
        bold = "**" if row["name"].startswith(OURS) else ""
        spread = f"{min(row['ratios']):.2f} – {max(row['ratios']):.2f}"  # noqa: RUF001
        lines.append(f"| {bold}{row['name']}{bold} | {number(row['median'])} | {bold}{row['ratio']:.2f}{bold} | {spread} |")
    notes = [note for note in table["notes"] if note]
    return "\n".join([*lines, *(["", *(f"- {note}" for note in notes)] if notes else [])])


def number(value: float) -> str:
    """Three digits, or all of those before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def main() -> None:
    """Rewrite the page."""
    source, page = (Path(one) for one in (*sys.argv[1:], *map(str, (JSON, PAGE)[len(sys.argv) - 1 :])))
    page.write_text(filled(page.read_text("utf-8"), json.loads(source.read_text("utf-8"))), "utf-8")


if __name__ == "__main__":
    main()
