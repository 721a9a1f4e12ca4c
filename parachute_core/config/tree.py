"""The file's text and its YAML nodes side by side: where things start and end, as an editor needs it."""

import re
from functools import cached_property
from typing import NoReturn, TypeGuard

from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from parachute_core.config.parse import compose, place_of
from parachute_core.config.problems import Keys, Problem, show_keys
from parachute_core.model.errors import ConfigError

BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
BREAKS = "\n\r\x85\u2028\u2029"
END_OF_DOCUMENT = re.compile(r"^\.\.\.(?=\s|\Z)", re.MULTILINE)
USUAL_STEP = "  "


class Tree:
    """One version of the text. Positions count its characters. It is parsed when its nodes are asked for, not before."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        found = BREAK.search(text)
        self.line_break = found.group() if found else "\n"

    @cached_property
    def root(self) -> MappingNode:
        """The node of the whole file. Raises `ConfigError` when the text is no YAML (any more)."""
        return compose(self.text, self.file)

    def replaced(self, start: int, end: int, by: str) -> "Tree":
        """The tree of the text with `start` to `end` replaced."""
        return Tree(self.text[:start] + by + self.text[end:], self.file)

    def entry(self, mapping: MappingNode, name: str) -> tuple[ScalarNode, Node] | None:
        """The mapping's own key of that name and its value; not what a merge brings in."""
        for key, value in mapping.value:
            if isinstance(key, ScalarNode) and key.value == name:
                return key, value
        return None

    def line_start(self, position: int) -> int:
        """Where the line of `position` starts."""
        return max(self.text.rfind(one, 0, position) for one in BREAKS) + 1

    def line_end(self, position: int) -> int:
        """Where the line of `position` ends, before its line break."""
        found = BREAK.search(self.text, position)
        return found.start() if found else len(self.text)

    def after_break(self, position: int) -> int:
        """The position after the line break at `position`, if there is one."""
        found = BREAK.match(self.text, position)
        return found.end() if found else position

    def before_break(self, position: int) -> int:
        """The position before the line break that ends at `position`."""
        return position - (2 if self.text.endswith("\r\n", 0, position) else 1)

    def indent(self, node: Node) -> str:
        """The blanks before a node that is the first of its line. Raises `ConfigError` when something else stands there."""
        start: int = node.start_mark.index
        before = self.text[self.line_start(start) : start].removeprefix("\ufeff")
        if before.strip(" "):
            self.give_up(node, ())
        return before

    def step(self) -> str:
        """By how much the file indents the keys of a section."""
        for key, value in self.root.value:
            deeper: int = value.start_mark.column - key.start_mark.column
            if isinstance(value, MappingNode) and not value.flow_style and deeper > 0:
                return " " * deeper
        return USUAL_STEP

    def end(self, node: Node) -> int | None:
        """Where the node's own text ends, without blanks and comments after it; None where that cannot be told."""
        if isinstance(node, ScalarNode):
            end = None if node.style in ("|", ">") else node.end_mark.index
        elif not isinstance(node, CollectionNode) or node.flow_style or not node.value:
            end = node.end_mark.index
        elif isinstance(node, MappingNode):
            end = self.end_of_entry(*node.value[-1])
        else:
            last = node.value[-1]
            end = self.end(last) if last.start_mark.index >= node.start_mark.index else None
        return end

    def end_of_entry(self, key: Node, value: Node) -> int | None:
        """Where a key's value ends; None where that cannot be told: an alias has the place of what it stands for."""
        return None if is_elsewhere(key, value) else self.end(value)

    def end_of_document(self) -> int:
        """Where a further top-level key can be put: the end of the text, or the `...` that ends the document."""
        found = END_OF_DOCUMENT.search(self.text, max((self.end(self.root) or 0), 0))
        return found.start() if found else len(self.text)

    def give_up(self, node: Node, keys: Keys) -> NoReturn:
        """Raise `ConfigError`: what stands there can not be edited without risk."""
        what = (
            f"{show_keys(keys)} cannot be changed safely in this form; change it by hand" if keys else "this form cannot be edited safely"
        )
        raise ConfigError(Problem(place_of(node), (), what).shown(self.file))


def is_elsewhere(key: Node, value: Node) -> bool:
    """Whether the value is an alias: its place is that of its anchor, which always comes before."""
    return bool(value.start_mark.index < key.end_mark.index)


def is_empty(node: Node) -> bool:
    """Whether nothing at all is written where the value would be."""
    return isinstance(node, ScalarNode) and node.start_mark.index == node.end_mark.index


def is_null(node: Node) -> TypeGuard[ScalarNode]:
    """Whether the value is nothing, written as nothing, `null` or `~`."""
    return isinstance(node, ScalarNode) and node.tag == "tag:yaml.org,2002:null"


def flow_inside(tree: Tree, node: CollectionNode) -> tuple[int, int]:
    """Start of the last item's end, and of the closing bracket, of a `[…]` or `{…}`."""
    closing = node.end_mark.index - 1
    if not node.value:
        return closing, closing
    last = node.value[-1] if isinstance(node, SequenceNode) else node.value[-1][1]
    first_end = node.value[-1][0].end_mark.index if isinstance(node, MappingNode) else node.start_mark.index
    if last.start_mark.index < first_end:
        tree.give_up(last, ())
    return last.end_mark.index, closing
