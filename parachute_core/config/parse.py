"""YAML text to plain data and the place of every key. Safe types only; nothing that YAML would silently drop or change is let through."""

import re
from dataclasses import dataclass, field
from typing import cast

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from parachute_core.config.problems import Keys, Place, Problem, refuse

MOST_VALUES = 200_000
"""More values than any real file has; aliases of aliases can spell out far more than the file's size."""
TAG = "tag:yaml.org,2002:"
MERGE = TAG + "merge"
WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,99})", re.ASCII)
DECIMAL = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?", re.ASCII)
ENDLESS = re.compile(r"([-+]?)\.(inf|nan)", re.IGNORECASE)


@dataclass(slots=True)
class Parsed:
    """A file's content as it is written, nothing expanded."""

    root: MappingNode
    data: dict[str, object] = field(default_factory=dict)
    places: dict[Keys, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    plain: set[Keys] = field(default_factory=set)
    """Where the values are that stand there without quotes."""


def parse(text: str, file: str) -> Parsed:
    """Parse one file. Problems that leave it readable are collected; raises `ConfigError` for what does not."""
    root = compose(text, file)
    parsed = Parsed(root)
    builder = _Builder(parsed)
    try:
        parsed.data = cast(dict[str, object], builder.value(root, ()))
    except (RecursionError, _TooMuchError):
        refuse(file, [Problem(Place(1, 1), (), "nested too deeply, or aliases that stand for too much")])
    return parsed


def compose(text: str, file: str) -> MappingNode:
    """The node tree of the file, whose marks count characters of `text`. Raises `ConfigError`."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        refuse(file, [_syntax_problem(error)])
    except yaml.reader.ReaderError as error:
        place = _place_of(text, error.position)
        refuse(file, [Problem(place, (), f"the character U+{ord(text[error.position]):04X} is not allowed in YAML")])
    except RecursionError:
        refuse(file, [Problem(Place(1, 1), (), "nested too deeply")])
    if root is None or (isinstance(root, ScalarNode) and root.tag == TAG + "null"):
        refuse(file, [Problem(Place(1, 1), (), "the file holds no settings; see docs/config.md for an example")])
    if not isinstance(root, MappingNode):
        kind = "a list" if isinstance(root, SequenceNode) else "a single value"
        refuse(file, [Problem(place_of(cast(Node, root)), (), f"expected sections at the top (telegram:, web:, …), found {kind}")])
    return cast(MappingNode, root)


def place_of(node: Node) -> Place:
    """Where the node starts."""
    return Place(node.start_mark.line + 1, node.start_mark.column + 1)


class _TooMuchError(Exception):
    """Aliases stand for more than any file needs."""


class _Builder:
    """Walks the nodes as every path sees them, so a value behind an alias is met once for each use."""

    def __init__(self, parsed: Parsed) -> None:
        self._parsed = parsed
        self._values = 0

    def value(self, node: Node, keys: Keys) -> object:
        self._values += 1
        if self._values > MOST_VALUES:
            raise _TooMuchError
        if isinstance(node, ScalarNode):
            if node.style is None:
                self._parsed.plain.add(keys)
            return self._scalar(node, keys)
        if isinstance(node, SequenceNode) and node.tag == TAG + "seq":
            for number, item in enumerate(node.value):
                self._parsed.places[(*keys, number)] = place_of(item)
            return [self.value(item, (*keys, number)) for number, item in enumerate(node.value)]
        if isinstance(node, MappingNode) and node.tag == TAG + "map":
            return self._mapping(node, keys)
        self._report(node, keys, f"the tag {node.tag} is not supported")
        return None

    def _mapping(self, node: MappingNode, keys: Keys) -> dict[str, object]:
        data: dict[str, object] = {}
        for key, value in node.value:
            if key.tag == MERGE:
                self._merge(value, keys, data)
        own: dict[str, Place] = {}
        for key, value in node.value:
            if key.tag == MERGE:
                continue
            name = key.value if isinstance(key, ScalarNode) else None
            if name is None or (key.tag != TAG + "str" and key.style is None and not _is_word(key)):
                self._report(key, keys, "a key must be text; write it in quotes")
            elif name in own:
                self._report(key, (*keys, name), f"stands here twice; the first is on line {own[name].line}")
            else:
                own[name] = self._parsed.places[(*keys, name)] = place_of(key)
                data[name] = self.value(value, (*keys, name))
        return data

    def _merge(self, value: Node, keys: Keys, data: dict[str, object]) -> None:
        for source in value.value if isinstance(value, SequenceNode) else [value]:
            if not isinstance(source, MappingNode):
                self._report(source, keys, "<< takes a mapping")
                continue
            for name, one in self._mapping(source, keys).items():
                data.setdefault(name, one)

    def _scalar(self, node: ScalarNode, keys: Keys) -> object:
        text: str = node.value
        match node.tag.removeprefix(TAG):
            case "null":
                return None
            case "bool":
                return yaml.SafeLoader.bool_values.get(text.lower(), text)
            case "int" if WHOLE.fullmatch(text):
                return int(text)
            case "float" if DECIMAL.fullmatch(text):
                return float(text)
            case "float" if found := ENDLESS.fullmatch(text):
                return float("".join(found.groups()))
            # The other numbers of YAML 1.1 (010 is eight, 1:30 is ninety) and its dates are taken as the text they are.
            case "str" | "int" | "float" | "timestamp" | "value":
                return text
        self._report(node, keys, f"the tag {node.tag} is not supported")
        return None

    def _report(self, node: Node, keys: Keys, text: str) -> None:
        self._parsed.problems.append(Problem(place_of(node), keys, text))


def _is_word(key: ScalarNode) -> bool:
    """YAML reads `on`, `no` and `=` as something else than text; as a key they are words."""
    return key.tag in (TAG + "bool", TAG + "value")


def _syntax_problem(error: yaml.MarkedYAMLError) -> Problem:
    """What YAML says, without the snippet of the file that it would show: there may be a token in it."""
    mark = error.problem_mark or error.context_mark
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    said = " ".join(one for one in (error.context, error.problem) if one)
    if "'\\t'" in said:
        said = "a tab; indent with spaces"
    return Problem(place, (), f"not valid YAML: {said}")


def _place_of(text: str, index: int) -> Place:
    before = text[:index]
    return Place(before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1)
