"""A plugin imports public names of parachute_core, and nothing of its neighbours."""

from collections.abc import Iterator
from pathlib import Path

from tools.sources import Problem, Source, imports, plugin_tests, product, public_names

CORE = "parachute_core"
KIT = "parachute_core.testing"


def find(root: Path) -> list[Problem]:
    """Private names, submodules, and other plugins, imported by a plugin or by its tests. Only tests may import the test kit."""
    allowed = {CORE: public_names(root, "parachute_core/__init__.py")}
    with_kit = allowed | {KIT: public_names(root, "parachute_core/testing/__init__.py")}
    code = [source for source in product(root) if source.path.startswith("plugins/")]
    return [
        *(problem for source in code for problem in _judge(source, allowed)),
        *(problem for source in plugin_tests(root) for problem in _judge(source, with_kit)),
    ]


def _judge(source: Source, allowed: dict[str, frozenset[str]]) -> Iterator[Problem]:
    own = f"parachute_{source.path.split('/')[1]}"
    for one in imports(source):
        package = one.module.split(".")[0]
        if not package.startswith("parachute_") or package == own:
            continue
        if package != CORE:
            yield source.problem(one.line, f"{own} must not import {package}: plugins do not know each other")
        elif one.module not in allowed or one.name is None:
            yield source.problem(one.line, f"{own} imports {one.module}: write `from {' or '.join(allowed)} import NAME`")
        elif one.name not in allowed[one.module]:
            yield source.problem(one.line, f"{one.name} is no public name of {one.module} (not in its __all__)")
