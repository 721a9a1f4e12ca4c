"""Run the project's own checks and print what they find, one problem a line.

usage: python -m tools.check      exit status 1 when anything was found
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tools import boundaries, floors, lock, plugin_imports, references, text, unused
from tools.sources import Problem

ROOT = Path(__file__).resolve().parent.parent

CHECKS: Mapping[str, Callable[[Path], list[Problem]]] = {
    "floors": floors.find,
    "boundaries": boundaries.find,
    "plugin imports": plugin_imports.find,
    "unused code": unused.find,
    "text": text.find,
    "references": references.find,
    "lock": lock.find,
}


def main(root: Path = ROOT) -> int:
    """Print each check's findings and a line that sums it up."""
    found = 0
    for name, find in CHECKS.items():
        problems = sorted(find(root))
        found += len(problems)
        sys.stdout.writelines(f"{problem}\n" for problem in problems)
        sys.stdout.write(f"{name}: {f'{len(problems)} found' if problems else 'ok'}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
