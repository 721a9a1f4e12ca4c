"""The Python sources of the project as syntax trees, and what they import."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

GENERATED_FOLDERS = frozenset({"__pycache__", "build", "dist", "test-output"})
HIDDEN_FOLDERS_OF_OURS = frozenset({".ci", ".github"})


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One finding, printed as `path:line: text`."""

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class Source:
    """One parsed file."""

    path: str
    """Relative to the project's root, with `/`."""
    module: str
    """Dotted name; a package's `__init__` bears the package's own."""
    tree: ast.Module
    is_package: bool

    def problem(self, line: int, text: str) -> Problem:
        """A finding in this file."""
        return Problem(self.path, line, text)


@dataclass(frozen=True, slots=True)
class Import:
    """One name that a file imports: `from module import name`, or `import module` with no name."""

    line: int
    module: str
    name: str | None
    bound: str
    """What it is called in the file."""
    for_types_only: bool

    @property
    def origin(self) -> str:
        """The dotted name that `bound` stands for: `import a.b` binds `a`, the other forms what they name."""
        if self.name is not None:
            return f"{self.module}.{self.name}"
        return self.bound if self.module.split(".")[0] == self.bound else self.module


def read(root: Path, file: Path, package_root: Path) -> Source:
    """Parse `file`; its module name counts from `package_root`."""
    parts = file.relative_to(package_root).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    return Source(
        path=file.relative_to(root).as_posix(),
        module=".".join(parts[:-1] if is_package else parts),
        tree=ast.parse(file.read_text("utf-8"), str(file)),
        is_package=is_package,
    )


@cache
def product(root: Path) -> tuple[Source, ...]:
    """Core with its test kit, and every plugin's package; no tests."""
    found = [read(root, file, root) for file in sorted((root / "parachute_core").rglob("*.py"))]
    for package in sorted(root.glob("plugins/*/parachute_*")):
        found.extend(read(root, file, package.parent) for file in sorted(package.rglob("*.py")))
    return tuple(found)


@cache
def plugin_tests(root: Path) -> tuple[Source, ...]:
    """The tests that the plugins bring along."""
    return tuple(read(root, file, root) for file in sorted(root.glob("plugins/*/tests/**/*.py")))


def files(root: Path) -> Iterator[Path]:
    """Every file of the project; generated folders and those of tools (their names start with a dot) are left out."""
    for entry in sorted(root.iterdir()):
        if entry.name == ".git":  # a file in a worktree
            continue
        if not entry.is_dir():
            yield entry
        elif entry.name in HIDDEN_FOLDERS_OF_OURS or not (entry.name.startswith(".") or entry.name in GENERATED_FOLDERS):
            yield from files(entry)


def imports(source: Source) -> Iterator[Import]:
    """Every import in the file, also inside functions, with relative ones resolved and `import_module("literal")` included."""
    typing_only = {
        id(inner)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).removeprefix("typing.") == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(source.tree):
        types = id(node) in typing_only
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name, None, alias.asname or alias.name.split(".")[0], types)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield Import(node.lineno, _absolute(source, node), alias.name, alias.asname or alias.name, types)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"import_module", "__import__"} and node.args:
            target = node.args[0]
            if isinstance(target, ast.Constant) and isinstance(target.value, str):
                yield Import(node.lineno, target.value, None, "", types)


def _absolute(source: Source, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = source.module.split(".")
    base = parts[: len(parts) - node.level + (1 if source.is_package else 0)]
    return ".".join([*base, *([node.module] if node.module else [])])


def public_names(root: Path, init: str) -> frozenset[str]:
    """The strings of `__all__` in the file `init`; empty where there is none."""
    path = root / init
    tree = ast.parse(path.read_text("utf-8")) if path.is_file() else ast.Module([], [])
    return frozenset(
        element.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__" and isinstance(node.value, ast.List | ast.Tuple)
        for element in node.value.elts
        if isinstance(element, ast.Constant) and isinstance(element.value, str)
    )
