"""Product code that no product code reaches: a protection that nothing calls protects nobody.

Starts from what the outside enters by (entry points, `__main__`, the public names of parachute_core, whatever a decorator hands to
a framework) and follows names from there. A name counts for every definition that bears it, so what is reported is surely
unreached; tests and the test kit are no users.
"""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.sources import Problem, Source, imports, product, public_names

CORE = "parachute_core"
TEST_KIT = "parachute_core/testing/"
DESCRIBES = re.compile(
    r"property|setter|cached_property|staticmethod|classmethod|dataclass|contextmanager|asynccontextmanager|abstractmethod|override"
    r"|overload|final|cache|lru_cache|runtime_checkable|wraps|total_ordering|unique"
)
"""Decorators that change a definition but hand it to nobody; any other decorator registers it."""
PLAIN_BASES = re.compile(r"object|ABC|Protocol|Generic|\w*Exception|\w+Error|(Str|Int)?Enum|NamedTuple|TypedDict|BaseModel")
"""Bases whose own code calls no method that a subclass adds."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A function, method, class or module-level name, with the names that its code uses."""

    source: Source
    line: int
    name: str
    uses: frozenset[str]
    entered: bool
    """The outside reaches it without its name being used: decorated, special, or overriding a third party's method."""


def find(root: Path) -> list[Problem]:
    """Modules that nothing imports, and definitions whose name is used by nothing that is reached."""
    sources = {source.module: source for source in product(root) if not source.path.startswith(TEST_KIT)}
    doors = _entry_points(root)
    live = _reached_modules(sources, {module for module, _ in doors} | {CORE, f"{CORE}.__main__"})
    problems = [source.problem(1, "no product code imports this module") for name, source in sources.items() if name not in live]

    local = {source.module: {unit.name for unit in units(source, frozenset())} for source in sources.values()}
    ours = frozenset(name for names in local.values() for name in names)
    found = [unit for name in sorted(live & sources.keys()) for unit in units(sources[name], ours)]
    names = set(public_names(root, "parachute_core/__init__.py")) | {attribute for _, attribute in doors}
    for name in live & sources.keys():
        names |= _loose_uses(sources[name])
    reached = _spread(found, names)
    problems.extend(unit.source.problem(unit.line, f"no product code uses {unit.name}") for unit in found if unit not in reached)
    return sorted(problems)


def _spread(found: list[Unit], names: set[str]) -> set[Unit]:
    """The units reached from `names`, and from those that the outside enters, by following what each one uses."""
    by_name: dict[str, list[Unit]] = defaultdict(list)
    for unit in found:
        by_name[unit.name].append(unit)
    reached: set[Unit] = set()
    waiting = [unit for unit in found if unit.entered] + [unit for name in names for unit in by_name[name]]
    while waiting:
        unit = waiting.pop()
        if unit not in reached:
            reached.add(unit)
            waiting.extend(other for name in unit.uses for other in by_name[name] if other is not unit)
    return reached


def units(source: Source, ours: frozenset[str]) -> Iterator[Unit]:
    """The definitions of a module and of its classes; `ours` are the names of all product classes."""
    for node in source.tree.body:
        if isinstance(node, ast.ClassDef):
            yield from _class_units(source, node, ours)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield Unit(source, node.lineno, node.name, _names(node), _registered(node) or node.name.startswith("__"))
        else:
            for target in _targets(node):
                yield Unit(source, node.lineno, target, _names(node) - {target}, target.startswith("__"))


def _class_units(source: Source, node: ast.ClassDef, ours: frozenset[str]) -> Iterator[Unit]:
    bases = {ast.unparse(base).split("[")[0] for base in node.bases}
    foreign = any(_is_foreign(base, ours) for base in bases)
    methods = [inner for inner in node.body if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef)]
    special = [method for method in methods if method.name.startswith("__")]
    rest = [inner for inner in node.body if inner not in methods]
    uses = frozenset().union(*(_names(part) for part in [*rest, *special, *node.bases, *node.keywords, *node.decorator_list]))
    yield Unit(source, node.lineno, node.name, uses, _registered(node))
    for method in methods:
        if method not in special:
            yield Unit(source, method.lineno, method.name, _names(method), foreign or _registered(method))


def _is_foreign(base: str, ours: frozenset[str]) -> bool:
    """Whether a base is a third party's that calls methods which a subclass adds or replaces."""
    name = base.split(".")[-1]
    return base.startswith("asyncio.") or (name not in ours and not PLAIN_BASES.fullmatch(name))


def _registered(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    decorators = {ast.unparse(one.func if isinstance(one, ast.Call) else one).split(".")[-1] for one in node.decorator_list}
    return any(not DESCRIBES.fullmatch(name) for name in decorators)


def _targets(node: ast.stmt) -> list[str]:
    found = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in found if isinstance(target, ast.Name)]


def _names(node: ast.AST) -> frozenset[str]:
    """Every name that the code below `node` reads: variables, attributes, keywords, and words in strings, for getattr and annotations."""
    found: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            found.add(inner.id)
        elif isinstance(inner, ast.Attribute):
            found.add(inner.attr)
        elif isinstance(inner, ast.alias) and inner.asname:
            found.add(inner.name)
        elif isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner.value.isidentifier():
            found.add(inner.value)
    return frozenset(found)


def _loose_uses(source: Source) -> frozenset[str]:
    """What a module's own statements use when it is imported, imports under another name included."""
    loose = (node for node in source.tree.body if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset().union(*(_names(node) for node in loose if not _targets(node)))


def _entry_points(root: Path) -> set[tuple[str, str]]:
    """(module, attribute) of every script and entry point that our distributions declare."""
    doors: set[tuple[str, str]] = set()
    for file in [root / "pyproject.toml", *sorted(root.glob("plugins/*/pyproject.toml"))]:
        project = tomllib.loads(file.read_text("utf-8")).get("project", {}) if file.is_file() else {}
        for group in [project.get("scripts", {}), *project.get("entry-points", {}).values()]:
            doors |= {(target.partition(":")[0], target.partition(":")[2]) for target in group.values()}
    return doors


def _reached_modules(sources: dict[str, Source], waiting: set[str]) -> set[str]:
    """The modules that are imported, starting from `waiting`; importing a module imports the packages above it."""
    live: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in live or name not in sources:
            continue
        live.add(name)
        waiting.add(name.rpartition(".")[0])
        for one in imports(sources[name]):
            waiting |= {one.module, f"{one.module}.{one.name}"}
    return live
