"""Makes `docs/reference.md` of the hook specifications, the models of the configuration and the commands."""

import ast
import inspect
import json
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

import click
from pydantic import BaseModel

from parachute_core.cli import main as command
from parachute_core.config.default import PLUGINS
from parachute_core.config.platforms import PLATFORMS, PlatformSection
from parachute_core.config.schema import AdminSection, OrchestratorSection, TranscriberSection
from parachute_core.hooks import specs
from parachute_core.hooks.check import HOOK_NAMES

HEAD = """\
# Reference

Written by `python -m tools.reference` from the code itself; a test holds the two together.
What it all means is in [hooks.md](hooks.md), [config.md](config.md) and [cli.md](cli.md).
"""
BOUNDS = {"minimum": "at least {}", "ge": "at least {}", "exclusiveMinimum": "above {}", "gt": "above {}"} | {
    "maximum": "at most {}",
    "le": "at most {}",
    "exclusiveMaximum": "below {}",
    "lt": "below {}",
}


def reference() -> str:
    """The whole page."""
    return "\n".join((HEAD, *_hooks(), *_config(), *_commands()))


def _hooks() -> Iterator[str]:
    yield "## Hooks\n"
    for name in HOOK_NAMES:
        function = getattr(specs, name)
        (definition,) = ast.parse(inspect.getsource(function)).body
        assert isinstance(definition, ast.FunctionDef | ast.AsyncFunctionDef)  # noqa: S101 - what a specification is
        asynchronous = "async " if isinstance(definition, ast.AsyncFunctionDef) else ""
        returns = f" -> {ast.unparse(definition.returns)}" if definition.returns else ""
        yield f"### `{name}`\n\n```python\n{asynchronous}def {name}({ast.unparse(definition.args)}){returns}\n```\n"
        first, *parts = inspect.cleandoc(function.__doc__ or "").split("\n\n")
        yield f"{' '.join(first.split())}\n"
        for line in _paragraphs("\n".join(parts)):
            yield f"- {line}"
        yield ""


def _paragraphs(text: str) -> Iterator[str]:
    """The parts of a docstring that begin with a word and a colon, each on one line."""
    part: list[str] = []
    for line in text.splitlines():
        if part and line.partition(":")[0] in ("When", "Result", "Raises", "Returns"):
            yield " ".join(part)
            part = []
        part.append(line.strip())
    if part:
        yield " ".join(part)


def _config() -> Iterator[str]:
    yield "## `bots.yaml`\n"
    yield from _section("Every platform", PlatformSection)
    for name, model in PLATFORMS.items():
        if set(model.model_fields) - set(PlatformSection.model_fields):
            yield from _section(f"`{name}`", model, PlatformSection)
    yield from _section("`orchestrator`", OrchestratorSection)
    yield from _installed("parachute_core.orchestrators", "`orchestrator`, `use: {}`", None)
    yield from _section("`transcriber`", TranscriberSection)
    yield from _installed("parachute_core.transcribers", "`transcriber`, `use: {}`", None)
    yield from _section("`admin`", AdminSection)
    yield from _installed("parachute_core.plugins", "`plugins`, `{}`", PLUGINS)


def _installed(group: str, title: str, only: Mapping[str, str] | None) -> Iterator[str]:
    for entry in sorted(entry_points(group=group), key=lambda one: one.name):
        settings = getattr(import_module(entry.module), "Settings", None)
        if settings is not None and settings.model_fields and (only is None or entry.name in only):
            yield from _section(title.format(entry.name), settings)


def _section(title: str, model: type[BaseModel], but: type[BaseModel] = BaseModel) -> Iterator[str]:
    schema = model.model_json_schema()
    words = _words(model)
    yield f"### {title}\n\n| key | value | default | |\n|---|---|---|---|"
    for name in model.model_fields:
        if name not in but.model_fields:
            one = schema["properties"][name]
            default = "required" if name in schema.get("required", ()) else _value(one.get("default"))
            yield f"| `{name}` | {cell(_kind(one, schema))} | {cell(default)} | {cell(words.get(name, ''))} |"
    yield ""


def _kind(one: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "$ref" in one:
        found = schema["$defs"][one["$ref"].rpartition("/")[2]]
        return _kind(found, schema)
    if "enum" in one:
        return " or ".join(f"`{value}`" for value in one["enum"])
    if "anyOf" in one:
        kinds = dict.fromkeys(_kind({**other, **_bounds(one)}, schema) for other in one["anyOf"])
        return " or ".join(kind for kind in kinds if kind)
    match one.get("type"):
        case "array":
            return f"list of {_kind(one.get('items', {}), schema) or 'values'}"
        case "object":
            keys = ", ".join(f"`{key}`" for key in one.get("properties", ()))
            return f"mapping of {keys}" if keys else "mapping"
        case "string":
            return "text"
        case "null":
            return "`null`"
        case "integer":
            return ", ".join(("whole number", *_limits(one)))
        case "number":
            return ", ".join(("number", *_limits(one)))
        case "boolean":
            return "`true` or `false`"
    return "anything"


def _bounds(one: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in one.items() if key in BOUNDS}


def _limits(one: Mapping[str, Any]) -> Iterator[str]:
    for key, value in _bounds(one).items():
        yield BOUNDS[key].format(f"{value:,}" if isinstance(value, int) else value)


def _value(default: object) -> str:
    return f"`{json.dumps(default, ensure_ascii=False)}`"


@cache
def _words(model: type[BaseModel]) -> dict[str, str]:
    """The sentence below each field, those of the classes it inherits from included."""
    found: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if not (issubclass(one, BaseModel) and one.__module__.startswith("parachute_")):
            continue
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(one))).body
        assert isinstance(definition, ast.ClassDef)  # noqa: S101 - what `getsource` of a class gives
        for field, below in zip(definition.body, [*definition.body[1:], None], strict=True):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(below, ast.Expr):
                text = ast.literal_eval(below.value)
                found[field.target.id] = " ".join(str(text).split())
    return found


def _commands() -> Iterator[str]:
    yield "## The command\n"
    yield from _command("parachute-core", command)


def _command(name: str, one: click.Command) -> Iterator[str]:
    context = click.Context(one)
    if isinstance(one, click.Group):
        for child in one.list_commands(context):
            found = one.get_command(context, child)
            assert found is not None  # noqa: S101 - it was just listed
            yield from _command(f"{name} {child}", found)
        return
    arguments = "".join(f" {part.make_metavar(context)}" for part in one.params if isinstance(part, click.Argument))
    yield f"### `{name}{arguments}`\n\n{' '.join((one.help or '').split())}\n"
    options = [part.get_help_record(context) for part in one.params if isinstance(part, click.Option)]
    rows = [f"| `{cell(found[0])}` | {cell(found[1])} |" for found in options if found is not None]
    yield "\n".join(["| option | |", "|---|---|", *rows, ""])


def cell(text: str) -> str:
    """Text as it stands in a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
