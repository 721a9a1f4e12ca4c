"""Puts the figures of a run into the page that shows them, between marks, so that no figure of a table is written by hand.

usage: python -m benchmarks.page [JSON] [PAGE]      exit status 1 when the page has no place for a table of the run
"""

import json
import re
import sys
from pathlib import Path

from benchmarks import markdown
from benchmarks.markdown import Facts

JSON, PAGE = Path("test-output/bench.json"), Path("docs/performance.md")
MARK = re.compile(r"<!-- (table|ratios|medians|exactness|measured):? ?([\w -]*) -->\n(.*?)<!-- end -->", re.DOTALL)


def filled(page: str, facts: Facts) -> str:
    """The page with each marked part that the run can fill; the others stay as they are."""
    return MARK.sub(lambda found: _part(found, facts), page)


def places(page: str) -> list[str]:
    """The tables that the page has a place for, one name for each place."""
    return [name for kind, names, _ in MARK.findall(page) if kind in {"table", "ratios", "medians"} for name in names.split()]


def _part(found: re.Match[str], facts: Facts) -> str:
    kind, named, old = found.groups()
    lines = _lines(kind, named.split(), facts)
    if lines is None:
        return found.group(0)
    head = old.splitlines()[:2] if kind in {"ratios", "medians", "exactness"} else []
    mark = found.group(0).partition("\n")[0]
    return "\n".join([mark, *head, *lines, "<!-- end -->"])


def _lines(kind: str, names: list[str], facts: Facts) -> list[str] | None:
    """None where the run has not measured it."""
    if kind == "exactness":
        return markdown.exactness(facts["exactness"]) or None
    if kind == "measured":
        return [markdown.measured(facts)] if facts["whole"] else None
    made = {one["name"]: one for one in facts["tables"]}
    if not all(name in made for name in names):
        return None
    tables = [made[name] for name in names]
    return markdown.one_table(tables[0]) if kind == "table" else {"ratios": markdown.ratios, "medians": markdown.medians}[kind](tables)


def main() -> None:
    """Rewrite the page."""
    source, page = (Path(one) for one in (*sys.argv[1:], *map(str, (JSON, PAGE)[len(sys.argv) - 1 :])))
    facts, before = json.loads(source.read_text("utf-8")), page.read_text("utf-8")
    page.write_text(filled(before, facts), "utf-8")
    if lost := [one["name"] for one in facts["tables"] if one["name"] not in places(before)]:
        sys.exit(f"{page} has no place for what was measured: {', '.join(lost)}")


if __name__ == "__main__":
    main()
