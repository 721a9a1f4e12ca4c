"""Writes the parts of the documentation that repeat the code.

usage: python -m tools.reference      rewrites them in place
"""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from parachute_core.doctor.catalog import CHECKS
from tools.reference_page import cell, reference

DOCS = Path(__file__).resolve().parent.parent / "docs"
BLOCK = r"(<!-- {name}: [^\n]*-->\n).*?(<!-- end -->)"


def findings() -> str:
    """A table of everything that `doctor` may find."""
    rows = [f"| `{one.id}` | {one.severity.value} | {cell(one.means)} | {cell(one.advice)} |" for one in CHECKS]
    return "\n".join(["", "| id | severity | what it means | what to do |", "|---|---|---|---|", *rows, "", ""])


BLOCKS: Mapping[str, tuple[str, Callable[[], str]]] = {"findings": ("doctor.md", findings)}
"""Name of a block → the page that it stands in, and what makes it."""


def pages() -> dict[Path, str]:
    """Each page that is made, or has parts that are, as it should be."""
    found: dict[Path, str] = {DOCS / "reference.md": reference()}
    for name, (page, make) in BLOCKS.items():
        path = DOCS / page
        text = found.get(path) or path.read_text("utf-8")
        block = re.search(BLOCK.format(name=name), text, re.DOTALL)
        if block is None:
            raise SystemExit(f"{path}: has no block {name}")
        found[path] = text[: block.end(1)] + make() + text[block.start(2) :]
    return found


def main() -> None:
    """Rewrite the pages."""
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.name}\n")


if __name__ == "__main__":
    main()
