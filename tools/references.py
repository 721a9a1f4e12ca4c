"""What the pages name exists: `path.py: Symbol`, `path.py::test_name`, `folder/`, links to files of the project and to headings in them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tools.sources import Problem, files

SYMBOL = re.compile(r"`([\w./-]+\.py): ([\w.]+(?:, [\w.]+)*)`")
TEST = re.compile(r"`([\w./-]+\.py)::([\w:]+)(?:\[[^`]*\])?`")
FOLDER = re.compile(r"`((?:tests|plugins|docs)/[a-z\d_./-]*/)`")
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)")
HEADING = re.compile(r"#{1,6} +(.*?)(?: +#+)? *$")
FENCE = re.compile(r" *(`{3,}|~{3,})")


def find(root: Path) -> list[Problem]:
    """References in Markdown pages to code, tests and files that are not there."""
    return [problem for page in files(root) if page.suffix == ".md" for problem in _judge(root, page)]


def named_tests(text: str) -> list[tuple[str, str]]:
    """(file, function) of each test that `text` names."""
    return [(match[1], match[2]) for match in TEST.finditer(text)]


def named_symbols(text: str) -> list[tuple[str, str]]:
    """(file, dotted name) of each piece of code that `text` names."""
    return [(match[1], name) for match in SYMBOL.finditer(text) for name in match[2].split(", ")]


def _judge(root: Path, page: Path) -> Iterator[Problem]:
    path = page.relative_to(root).as_posix()
    for number, line in enumerate(page.read_text("utf-8").splitlines(), 1):
        for file, name in [*named_symbols(line), *((file, name.replace("::", ".")) for file, name in named_tests(line))]:
            if not (root / file).is_file():
                yield Problem(path, number, f"there is no file {file}")
            elif name not in _definitions(root / file):
                yield Problem(path, number, f"{file} defines no {name}")
        for match in FOLDER.finditer(line):
            if not (root / match[1]).is_dir():
                yield Problem(path, number, f"there is no folder {match[1]}")
        for match in LINK.finditer(line):
            target = page.parent / match[1] if match[1] else page
            if not target.exists():
                yield Problem(path, number, f"there is no file {match[1]}")
            elif match[2] and target.suffix == ".md" and match[2] not in anchors(target.read_text("utf-8")):
                yield Problem(path, number, f"{match[1] or path} has no heading for #{match[2]}")


def anchors(text: str) -> set[str]:
    """What a link to a heading of a page may say behind `#`, as the usual renderers make it; a second one of the same words gets `-1`."""
    found: set[str] = set()
    fence = ""
    for line in text.splitlines():
        if mark := FENCE.match(line):
            fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
        elif not fence and (heading := HEADING.match(line)):
            words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
            anchor = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
            times = next(number for number in range(1000) if (f"{anchor}-{number}" if number else anchor) not in found)
            found.add(f"{anchor}-{times}" if times else anchor)
    return found


def _definitions(file: Path) -> set[str]:
    """Functions, classes, module-level names, and `Class.member` of a file."""
    names: set[str] = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        names |= _bound(node)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{inner}" for part in node.body for inner in _bound(part)}
    return names


def _bound(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {target.id for target in targets if isinstance(target, ast.Name)}
