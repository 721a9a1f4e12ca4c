"""Print a dependency group of the root pyproject.toml, one requirement a line, for a pip that does not know groups yet.

usage: python -m tools.group NAME
"""

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def requirements(groups: dict[str, list[str | dict[str, str]]], name: str) -> list[str]:
    """What the group asks for, with the groups that it includes. Raises `KeyError` for a group that does not exist."""
    found: list[str] = []
    for entry in groups[name]:
        found.extend([entry] if isinstance(entry, str) else requirements(groups, entry["include-group"]))
    return sorted(set(found))


def read_group(name: str, root: Path = ROOT) -> list[str]:
    """The requirements of group `name` in the project below `root`."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    return requirements(project["dependency-groups"], name)


if __name__ == "__main__":
    sys.stdout.write("\n".join(read_group(sys.argv[1])) + "\n")
