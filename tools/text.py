"""Text that has no place in the project: names of registry hosts, paths of one machine; and files that grew too long to read."""

import re
from pathlib import Path

from tools.sources import Problem, files

LONGEST = 300
"""Lines of one source file; a longer one has more than one reason to change."""
LONGEST_TESTS = 500
GENERATED = frozenset({"uv.lock"})
CODE = frozenset({".py", ".js", ".css", ".html"})
FOREIGN = {
    "a registry's host": re.compile(r"\b(?:pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|test\.pypi|conda\.anaconda)"),
    "a path of one machine": re.compile(r"(?<![\w.~/-])/(?:root|work|opt|mnt|Users|home/(?!someone/)\w+)/\w"),
}


def find(root: Path) -> list[Problem]:
    """Lines that speak of a machine or a registry, and files above the length."""
    problems: list[Problem] = []
    for file in files(root):
        try:
            lines = file.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        path = file.relative_to(root).as_posix()
        longest = LONGEST_TESTS if "tests" in file.relative_to(root).parts else LONGEST
        if file.suffix in CODE and len(lines) > longest:
            problems.append(Problem(path, len(lines), f"{len(lines)} lines, more than {longest}: split it by reason to change"))
        if path not in GENERATED:
            problems.extend(
                Problem(path, number, f"{what}: {match.group()}")
                for number, line in enumerate(lines, 1)
                for what, pattern in FOREIGN.items()
                if (match := pattern.search(line))
            )
    return problems
