"""The lock: uv.lock fits the project files, constraints.txt pins the same versions for pip, and all of it is the public index's."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.group import requirements
from tools.sources import Problem

AGAIN = "run `make lock`"
PUBLIC_INDEX = re.compile(r"https://pypi\.org/simple")
PUBLIC_FILE = re.compile(r"https://files\.pythonhosted\.org/\S+")

Package = dict[str, Any]


def find(root: Path) -> list[Problem]:
    """Disagreements between the project files, uv.lock and constraints.txt; read from the files alone, without network."""
    packages: list[Package] = tomllib.loads((root / "uv.lock").read_text("utf-8"))["package"]
    members = {package["name"]: package for package in packages if "registry" not in package["source"]}
    pins = {(package["name"], package["version"]) for package in packages if package["name"] not in members}
    problems = [*_foreign(packages), *_unequal(pins, (root / "constraints.txt").read_text("utf-8").splitlines())]
    for file in [root / "pyproject.toml", *sorted(root.glob("plugins/*/pyproject.toml"))]:
        project = tomllib.loads(file.read_text("utf-8"))
        texts = [*_outdated(project, members), *_unsatisfied(project, members, pins)]
        problems.extend(Problem(file.relative_to(root).as_posix(), 1, f"{text}: {AGAIN}") for text in texts)
    return problems


def _foreign(packages: list[Package]) -> Iterator[Problem]:
    """Packages from anywhere but the public index and this workspace."""
    for package in packages:
        source = package["source"]
        local = PurePosixPath(source.get("editable") or source.get("virtual") or "/")
        if not PUBLIC_INDEX.fullmatch(source.get("registry", "")) and (local.is_absolute() or ".." in local.parts):
            yield Problem("uv.lock", 1, f"{package['name']} comes from {source}: {AGAIN} without this machine's settings")
        for file in [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]:
            if not PUBLIC_FILE.fullmatch(file.get("url", "")):
                yield Problem("uv.lock", 1, f"{package['name']} is fetched from {file.get('url') or file.get('path')}: {AGAIN}")


def _unequal(pins: set[tuple[str, str]], lines: list[str]) -> Iterator[Problem]:
    """Pins that stand in one of the two lock files only, and lines of constraints.txt that are no pins."""
    constrained: set[tuple[str, str]] = set()
    for number, line in enumerate(lines, 1):
        match = re.fullmatch(r"([a-z0-9-]+)==(\S+)(?: ; .+)?", line)
        if match is None:
            yield Problem("constraints.txt", number, f"not `name==version`: {line}")
        else:
            constrained.add((match[1], match[2]))
    for name, version in sorted(constrained ^ pins):
        yield Problem("constraints.txt", 1, f"{name}=={version} stands in one of uv.lock and constraints.txt only: {AGAIN}")


def _asked(project: dict[str, Any]) -> set[str]:
    """Every requirement line of a project: its own, its extras', its groups'."""
    groups = project.get("dependency-groups", {})
    lines = set(project["project"].get("dependencies", []))
    lines |= {line for extra in project["project"].get("optional-dependencies", {}).values() for line in extra}
    return lines | {line for group in groups for line in requirements(groups, group)}


def _outdated(project: dict[str, Any], members: dict[str, Package]) -> Iterator[str]:
    """Requirements that the lock was not made from."""
    name = project["project"]["name"]
    if name not in members:
        yield f"{name} is not in uv.lock"
        return
    metadata = members[name].get("metadata", {})
    recorded = [*metadata.get("requires-dist", []), *(entry for group in metadata.get("requires-dev", {}).values() for entry in group)]
    known = {_spelt(entry["name"], entry.get("specifier", "")) for entry in recorded if entry["name"] not in members}
    asked = {
        _spelt(one.name, str(one.specifier)) for one in map(Requirement, _asked(project)) if canonicalize_name(one.name) not in members
    }
    yield from (f"{requirement} stands in one of the project and uv.lock only" for requirement in sorted(asked ^ known))


def _spelt(name: str, specifier: str) -> str:
    return canonicalize_name(name) + ",".join(sorted(specifier.replace(" ", "").split(",")))


def _unsatisfied(project: dict[str, Any], members: dict[str, Package], pins: set[tuple[str, str]]) -> Iterator[str]:
    """Requirements that no locked version meets."""
    for line in sorted(_asked(project)):
        needed = Requirement(line)
        name = canonicalize_name(needed.name)
        if name not in members and not any(other == name and version in needed.specifier for other, version in pins):
            yield f"{line} is met by nothing that is locked"
