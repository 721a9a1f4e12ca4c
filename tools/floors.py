"""The floor rule: lower rooms of parachute_core never import higher ones, and neighbours do not know each other."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.sources import Import, Problem, Source, imports, product

CORE = "parachute_core"
WORDS = frozenset({"_version", "clock", "correlation", "lanes", "model"})
CONTRACT = WORDS | {"hooks"}
DISK = CONTRACT | {"config", "store"}

MAY_IMPORT: Mapping[str, frozenset[str]] = {
    "_version": frozenset(),
    "clock": frozenset(),
    "correlation": frozenset(),
    "model": frozenset({"clock"}),
    "lanes": frozenset({"model"}),
    "installed": frozenset({"model"}),
    "programs": frozenset({"clock", "model"}),
    "hooks": WORDS,
    "": CONTRACT,  # parachute_core/__init__.py: what plugins may import must not drag in anything of the floors above
    "config": CONTRACT,
    "store": CONTRACT,
    "engine": DISK,
    "connectors": DISK,
    "orchestrators": WORDS | {"installed", "programs"},
    "transcribers": WORDS | {"installed", "programs"},
    "admin": DISK | {"engine", "connectors"},
    "home": DISK,
    "logs": WORDS,
    "chosen": DISK | {"installed", "orchestrators", "transcribers"},
    "equip": DISK | {"engine"},
    "assembly": DISK | {"engine", "connectors", "chosen", "equip", "admin", "home", "seams", "watch"},
    "seams": WORDS | {"hooks", "connectors"},
    "watch": DISK,
    "runtime": DISK | {"engine", "connectors", "admin", "home", "seams", "assembly"},
    "backup": DISK | {"home"},
    "loading": DISK | {"connectors", "home"},
    "doctor": DISK | {"connectors", "admin", "home"},
    "cli": DISK
    | {"backup", "engine", "connectors", "chosen", "admin", "home", "loading", "doctor", "logs", "seams", "assembly", "runtime", "watch"},
    "__main__": frozenset({"cli"}),
}
"""Room → the rooms it may import besides itself. The test kit, `testing`, may import all and be imported by none."""


def room_of(module: str) -> str:
    """The part of parachute_core that a module belongs to; `` for the package itself."""
    return module.removeprefix(CORE).removeprefix(".").split(".")[0]


def find(root: Path) -> list[Problem]:
    """Imports that climb, imports between neighbours, and rooms that have no floor."""
    sources = [source for source in product(root) if source.module.split(".")[0] == CORE]
    return [problem for source in sources for problem in _judge(source)]


def _judge(source: Source) -> Iterator[Problem]:
    room = room_of(source.module)
    if room == "testing":
        return
    if room not in MAY_IMPORT:
        yield source.problem(1, f"{CORE}.{room} stands on no floor: give it one in tools/floors.py")
        return
    for one in imports(source):
        if one.module.split(".")[0] != CORE:
            continue
        target = _target(one)
        if target != room and target not in MAY_IMPORT[room]:
            yield source.problem(one.line, f"{CORE}.{room or '__init__'} must not import {CORE}.{target or '__init__'}")


def _target(one: Import) -> str:
    if one.module == CORE and one.name is not None and one.name in MAY_IMPORT.keys() | {"testing"}:
        return one.name
    return room_of(one.module)
