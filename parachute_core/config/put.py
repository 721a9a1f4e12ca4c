"""Put one key into a section by changing as little of the text as possible."""

from yaml.nodes import MappingNode, ScalarNode

from parachute_core.config.tree import Tree, flow_inside, is_elsewhere, is_empty, is_null


def put(tree: Tree, section: str, key: str, written: str) -> Tree:
    """The text with `section: {key: written}`; key and section are made where they are missing.

    Raises `ConfigError` where the present form of either cannot be edited safely.
    """
    found = tree.entry(tree.root, section)
    if found is None:
        return _new_section(tree, section, f"{key}: {written}")
    name, body = found
    if is_elsewhere(name, body):
        tree.give_up(name, (section,))
    if is_null(body):
        return _fill_section(tree, name, body, f"{key}: {written}")
    if not isinstance(body, MappingNode):
        tree.give_up(name, (section,))
    return _put_into(tree, body, (section,), key, written)


def put_inside(tree: Tree, section: str, name: str, key: str, written: str) -> Tree:
    """The text with `section: {name: {key: written}}`; all three are made where they are missing. Raises `ConfigError` as `put` does."""
    found = tree.entry(tree.root, section)
    if found is None or not isinstance(found[1], MappingNode) or is_elsewhere(*found):
        return put(tree, section, name, f"{{{key}: {written}}}")
    entry = tree.entry(found[1], name)
    if entry is None:
        return _insert(tree, found[1], f"{name}: {{{key}: {written}}}")
    label, body = entry
    if is_elsewhere(label, body):
        tree.give_up(label, (section, name))
    if is_null(body):
        start, end = body.start_mark.index, body.end_mark.index
        return tree.replaced(start, end, (" " if is_empty(body) else "") + f"{{{key}: {written}}}")
    if not isinstance(body, MappingNode):
        tree.give_up(label, (section, name))
    return _put_into(tree, body, (section, name), key, written)


def _put_into(tree: Tree, body: MappingNode, place: tuple[str, ...], key: str, written: str) -> Tree:
    entry = tree.entry(body, key)
    if entry is None:
        return _insert(tree, body, f"{key}: {written}")
    label, old = entry
    if is_elsewhere(label, old) or not isinstance(old, ScalarNode) or old.style in ("|", ">"):
        tree.give_up(label, (*place, key))
    start, end = old.start_mark.index, old.end_mark.index
    return tree.replaced(start, end, (" " if is_empty(old) else "") + written)


def _new_section(tree: Tree, section: str, line: str) -> Tree:
    if tree.root.flow_style:
        return _insert(tree, tree.root, f"{section}: {{{line}}}")
    indent = tree.indent(tree.root.value[-1][0])
    at = tree.end_of_document()
    before = "" if tree.line_start(at) == at else tree.line_break
    text = f"{indent}{section}:{tree.line_break}{indent}{tree.step()}{line}{tree.line_break}"
    return tree.replaced(at, at, before + text)


def _fill_section(tree: Tree, name: ScalarNode, body: ScalarNode, line: str) -> Tree:
    """A section with nothing in it."""
    start, end = body.start_mark.index, body.end_mark.index
    if not is_empty(body):
        return tree.replaced(start, end, f"{{{line}}}")
    if tree.root.flow_style:
        return tree.replaced(start, end, f" {{{line}}}")
    at = tree.line_end(start)
    return tree.replaced(at, at, f"{tree.line_break}{tree.indent(name)}{tree.step()}{line}")


def _insert(tree: Tree, mapping: MappingNode, line: str) -> Tree:
    """A further key at the end of a mapping."""
    if mapping.flow_style:
        at, _ = flow_inside(tree, mapping)
        return tree.replaced(at, at, f", {line}" if mapping.value else line)
    for key, value in reversed(mapping.value):
        end = tree.end_of_entry(key, value)
        if end is not None:
            at = tree.line_end(end)
            return tree.replaced(at, at, f"{tree.line_break}{tree.indent(key)}{line}")
    return tree.give_up(mapping, ())
