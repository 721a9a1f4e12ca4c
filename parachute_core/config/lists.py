"""Add items to a list of a section, and take items out, leaving the owner's layout and comments in place."""

import re
from collections.abc import Iterable, Sequence

from yaml.nodes import MappingNode, Node, SequenceNode

from parachute_core.config.put import put
from parachute_core.config.tree import Tree, flow_inside, is_elsewhere

DASH = re.compile(r"([ \t]*)-[ \t]+")
COMMENT_OR_NOTHING = re.compile(r"[ \t]*(#.*)?")
BLANKS = re.compile(r"[ \t]*")
TO_COMMA = re.compile(r"(?:\s|#[^\r\n]*+)*+,")  # possessive: a comma inside a comment is not taken
COLON = re.compile(r"[ \t]*:")


def add_items(tree: Tree, section: str, key: str, written: Sequence[str]) -> Tree:
    """The text with further items at the end of the list, which is made where it is missing. Raises `ConfigError`."""
    found = _list_node(tree, section, key)
    if found is None:
        return put(tree, section, key, f"[{', '.join(written)}]")
    node = found[1]
    if node.flow_style:
        at, _ = flow_inside(tree, node)
        return tree.replaced(at, at, (", " if node.value else "") + ", ".join(written))
    last = node.value[-1]
    end = tree.end(last)
    if end is None:
        tree.give_up(last, (section, key))
    _, dash = _dash(tree, last, section, key)
    at = tree.line_end(end)
    return tree.replaced(at, at, "".join(tree.line_break + dash + one for one in written))


def remove_items(tree: Tree, section: str, key: str, numbers: Iterable[int]) -> Tree:
    """The text without the items of these numbers (from 0); a comment beside an item stays. Raises `ConfigError`."""
    found = _list_node(tree, section, key)
    if found is None:
        tree.give_up(tree.root, (section, key))
    name, node = found
    gone = sorted(set(numbers), reverse=True)
    # From the last one on: what is before an item stays where it was, so one parse serves for all.
    for number in gone:
        tree = _remove_from_flow(tree, node, number) if node.flow_style else _remove_line(tree, node.value[number], (section, key))
    if node.flow_style or len(gone) < len(node.value):
        return tree
    colon = COLON.match(tree.text, name.end_mark.index)
    if colon is None or not COMMENT_OR_NOTHING.fullmatch(tree.text, colon.end(), tree.line_end(colon.end())):
        tree.give_up(name, (section, key))
    return tree.replaced(colon.end(), colon.end(), " []")


def _list_node(tree: Tree, section: str, key: str) -> tuple[Node, SequenceNode] | None:
    """The key and its list; None when there is none that could be extended (yet)."""
    found = tree.entry(tree.root, section)
    if found is None or not isinstance(found[1], MappingNode) or is_elsewhere(*found):
        return None
    entry = tree.entry(found[1], key)
    if entry is None or not isinstance(entry[1], SequenceNode):
        return None
    name, node = entry[0], entry[1]
    starts = [item.start_mark.index for item in node.value]
    if is_elsewhere(name, node) or starts != sorted(set(starts)) or (starts and starts[0] < node.start_mark.index):
        tree.give_up(name, (section, key))  # an alias, here or among the items
    return name, node


def _dash(tree: Tree, item: Node, section: str, key: str) -> tuple[int, str]:
    """Where the item's line starts, and the text before the item on it."""
    start = tree.line_start(item.start_mark.index)
    found = DASH.fullmatch(tree.text, start, item.start_mark.index)
    if found is None:
        tree.give_up(item, (section, key))
    return start, found.group()


def _remove_line(tree: Tree, item: Node, keys: tuple[str, str]) -> Tree:
    start, dash = _dash(tree, item, *keys)
    end = tree.end(item)
    if end is None:
        tree.give_up(item, keys)
    line_end = tree.line_end(end)
    comment = tree.text[end:line_end].strip()
    if comment:
        return tree.replaced(start, line_end, dash[: dash.index("-")] + comment)
    stop = tree.after_break(line_end)
    if stop == line_end:
        start = tree.before_break(start)  # the last line has no line break: that of the line before goes
    return tree.replaced(start, stop, "")


def _remove_from_flow(tree: Tree, node: SequenceNode, number: int) -> Tree:
    text, start, end = tree.text, node.value[number].start_mark.index, node.value[number].end_mark.index
    before = _comma(text, node.value[number - 1].end_mark.index) if number else None
    if before is not None and not text[before + 1 : start].strip(" \t"):
        return _without(tree, before, end)
    after = _comma(text, end)
    if after is None:
        return _without(tree, start, end)  # a comma on a line before may stay: YAML allows it
    if text[end:after].strip():
        return _without(tree.replaced(after, after + 1, ""), start, end)  # a comment stands between the item and its comma
    blanks = BLANKS.match(text, after + 1)
    up_to = blanks.end() if blanks else after + 1
    # Blanks up to the next item go as well, but not those that set off a comment.
    return _without(tree, start, after + 1 if text[up_to : up_to + 1] in ("#", "\r", "\n") else up_to)


def _without(tree: Tree, start: int, end: int) -> Tree:
    """The text without a part of it; a line on which nothing is left then goes whole."""
    rest = tree.replaced(start, end, "")
    first, stop = rest.line_start(start), rest.line_end(start)
    if first > 0 and stop < len(rest.text) and not rest.text[first:stop].strip():
        return rest.replaced(first, rest.after_break(stop), "")
    return rest


def _comma(text: str, start: int) -> int | None:
    """The comma that follows with nothing but blanks and comments before it, or None."""
    found = TO_COMMA.match(text, start)
    return found.end() - 1 if found else None
