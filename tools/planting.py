"""A small project in a folder, for the tests of the checks: what each one must find is planted there."""

from collections.abc import Mapping
from pathlib import Path


def plant(root: Path, files: Mapping[str, str]) -> Path:
    """Write `files` (path → text) below `root`, with an empty parachute_core beside them; returns `root`."""
    for path, content in {"parachute_core/__init__.py": "", **files}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
    return root
