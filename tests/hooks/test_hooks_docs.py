"""The reference page names every hook with its exact arguments, its exact signature, and what becomes of a plugin that fails."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from parachute_core import PluginContext
from parachute_core.hooks import specs
from parachute_core.hooks.check import HOOK_NAMES, arguments_of
from parachute_core.hooks.discover import DEFAULT_PLACE, discover

PAGE = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text(encoding="utf-8")
REFERENCE = PAGE.partition("## Reference")[2].partition("\n## ")[0]
SECTIONS = dict(re.findall(r"^### `(\w+)\([^`]*\)`\n(.*?)(?=^### |\Z)", REFERENCE, re.DOTALL | re.MULTILINE))


def test_the_page_has_a_section_for_each_hook_and_no_other() -> None:
    assert tuple(SECTIONS) == HOOK_NAMES


@pytest.mark.parametrize("hook", HOOK_NAMES)
def test_the_heading_has_the_exact_argument_list(hook: str) -> None:
    assert f"### `{hook}({', '.join(arguments_of(hook))})`" in REFERENCE


@pytest.mark.parametrize("hook", HOOK_NAMES)
def test_the_signature_is_that_of_the_specification(hook: str) -> None:
    assert f"`{_signature(hook)}`" in SECTIONS[hook]


@pytest.mark.parametrize("hook", HOOK_NAMES)
def test_each_section_says_when_with_what_what_comes_back_and_what_a_failure_does(hook: str) -> None:
    for row in ("When", "Arguments", "Result", "When it raises"):
        assert re.search(rf"^\| \*\*{row}\*\* \| \S.*\|$", SECTIONS[hook], re.MULTILINE), row
    for argument in arguments_of(hook):
        assert f"`{argument}" in SECTIONS[hook]


@pytest.mark.parametrize("hook", HOOK_NAMES)
def test_the_picture_of_the_journey_has_each_hook(hook: str) -> None:
    picture = PAGE.partition("## When they fire")[2].partition("\n## ")[0]
    assert f"{hook}({', '.join(arguments_of(hook))})" in picture


def test_everything_that_a_plugin_is_given_is_described() -> None:
    table = PAGE.partition("## What a plugin is given")[2]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == list(PluginContext.__dataclass_fields__)


def test_the_places_of_the_projects_own_plugins_are_as_they_are_told() -> None:
    told = {name: int(place) for name, place in re.findall(r"`(\w+)` (\d+)[,.]", PAGE.partition("## Order")[2].partition("\n## ")[0])}
    own = {"ratelimit", "retry", "pairing", "budget", "strictstate", "sessionguard"}
    assert told == {one.name: one.declare().place for one in discover() if one.name in own}
    assert f"default {DEFAULT_PLACE}" in PAGE


def _signature(hook: str) -> str:
    """As it is written in the specifications, for a method; without resolving the names that it uses."""
    (definition,) = ast.parse(inspect.getsource(getattr(specs, hook))).body
    assert isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef)
    definition.args.args.insert(0, ast.arg("self"))
    definition.decorator_list, definition.body = [], [ast.Expr(ast.Constant(...))]
    return ast.unparse(definition).partition(":\n")[0].replace("'", "")
