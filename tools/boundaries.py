"""Who may touch what: each dependency that the architecture keeps in one place, and the time."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.sources import Problem, Source, imports, product

ONLY_IN: Mapping[str, tuple[str, ...]] = {
    "aiosqlite": ("parachute_core/store/",),
    "sqlite3": ("parachute_core/store/",),
    "quart": ("parachute_core/admin/", "/routes.py"),
    "pluggy": ("parachute_core/hooks/",),
    "time": ("parachute_core/clock.py",),
}
"""Imported package → the only places (path starts or ends with it) that may import it; imports for annotations alone are free."""

CLOCK = "parachute_core/clock.py"
TEST_KIT = "parachute_core/testing/"
READS_TIME = frozenset(
    {
        "asyncio.sleep",
        "asyncio.timeout",
        "asyncio.timeout_at",
        "asyncio.wait_for",
        "datetime.date.today",
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
    }
)


def find(root: Path) -> list[Problem]:
    """Imports out of place, and code that asks anything but the Clock for the time; only the test kit may wait for real."""
    return [problem for source in product(root) for problem in (*_imports_out_of_place(source), *_readings_of_time(source))]


def _imports_out_of_place(source: Source) -> Iterator[Problem]:
    for one in imports(source):
        places = ONLY_IN.get(one.module.split(".")[0])
        if places is None or one.for_types_only or source.path.startswith(places) or source.path.endswith(places):
            continue
        yield source.problem(one.line, f"only {' and '.join(places)} may import {one.module.split('.')[0]}")


def _readings_of_time(source: Source) -> Iterator[Problem]:
    if source.path == CLOCK or source.path.startswith(TEST_KIT):
        return
    origin = {one.bound: one.origin for one in imports(source)}
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Name | ast.Attribute):
            continue
        first, _, rest = ast.unparse(node).partition(".")
        name = f"{origin.get(first, '')}.{rest}".rstrip(".")
        if name in READS_TIME:
            yield source.problem(node.lineno, f"{name} reads the machine's time: ask the Clock")
