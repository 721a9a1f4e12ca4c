"""Changes of the file's data, carried out on its text, and believed only when the text then says exactly what was meant."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import ClassVar

from parachute_core.config.document import Document
from parachute_core.config.expand import literal
from parachute_core.config.ids import IdForm
from parachute_core.config.lists import add_items, remove_items
from parachute_core.config.put import put, put_inside
from parachute_core.config.quote import quote, write_value
from parachute_core.config.read import LoadedConfig
from parachute_core.config.tree import Tree
from parachute_core.model.errors import ConfigError

Data = dict[str, object]


@dataclass(frozen=True, slots=True)
class Put:
    """Give a key a value. Text is meant as it is: nothing in it becomes a reference."""

    section: str
    key: str
    value: bool | int | str
    quoted: bool = False

    def on_text(self, tree: Tree) -> Tree:
        """The text after it."""
        return put(tree, self.section, self.key, quote(str(self._raw())) if self.quoted else write_value(self._raw()))

    def on_data(self, data: Data) -> None:
        """What the data must be after it."""
        _section_of(data, self.section)[self.key] = self._raw()

    def _raw(self) -> bool | int | str:
        return literal(str(self.value)) if isinstance(self.value, str) else self.value


@dataclass(frozen=True, slots=True)
class Add:
    """Put ids at the end of a list."""

    section: str
    key: str
    ids: tuple[str, ...]
    form: IdForm

    def on_text(self, tree: Tree) -> Tree:
        """The text after it."""
        return add_items(tree, self.section, self.key, [one if self.form.number else quote(literal(one)) for one in self.ids])

    def on_data(self, data: Data) -> None:
        """What the data must be after it."""
        section = _section_of(data, self.section)
        present = section.get(self.key) or []
        new = [int(one) if self.form.number else literal(one) for one in self.ids]
        section[self.key] = [*present, *new] if isinstance(present, list) else new


@dataclass(frozen=True, slots=True)
class Remove:
    """Take the items of these numbers, from 0, out of a list."""

    section: str
    key: str
    numbers: tuple[int, ...]

    def on_text(self, tree: Tree) -> Tree:
        """The text after it."""
        return remove_items(tree, self.section, self.key, self.numbers)

    def on_data(self, data: Data) -> None:
        """What the data must be after it."""
        section = _section_of(data, self.section)
        present = section.get(self.key)
        if isinstance(present, list):
            section[self.key] = [one for number, one in enumerate(present) if number not in self.numbers]


@dataclass(frozen=True, slots=True)
class Switch:
    """Switch a plugin on or off."""

    key: str
    """The plugin's name."""
    enabled: bool
    section: ClassVar[str] = "plugins"

    def on_text(self, tree: Tree) -> Tree:
        """The text after it."""
        return put_inside(tree, self.section, self.key, "enabled", write_value(self.enabled))

    def on_data(self, data: Data) -> None:
        """What the data must be after it."""
        _section_of(_section_of(data, self.section), self.key)["enabled"] = self.enabled


Edit = Put | Add | Remove | Switch


def carry_out(document: Document, edits: Sequence[Edit], load: Callable[[bytes], LoadedConfig]) -> LoadedConfig:
    """The file as it is after the edits; nothing is written here. `load` validates a new text.

    Raises `ConfigError` when the edits cannot be made without changing anything else.
    """
    meant = deepcopy(document.raw)
    tree = Tree(document.text, document.path.name)
    try:
        for edit in edits:
            edit.on_data(meant)
            tree = edit.on_text(tree)
        result = load(tree.text.encode())
    except ConfigError as error:
        raise ConfigError(*error.problems, f"{document.path.name}: nothing was changed") from None
    if not same(result.document.raw, meant):
        keys = ", ".join(dict.fromkeys(f"{one.section}.{one.key}" for one in edits))
        raise ConfigError(
            f"{document.where(edits[0].section, edits[0].key)}: {keys}: cannot be changed without changing something else "
            "(an anchor, an alias or an unusual form?); nothing was changed, change it by hand"
        )
    return result


def same(one: object, other: object) -> bool:
    """Whether two pieces of data are equal, types included: `1`, `1.0` and `true` are three things."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    # Not-a-number is equal to nothing, itself included.
    return one == other or (one != one and other != other)


def _section_of(data: Data, section: str) -> Data:
    """The section, made where it is missing or holds nothing."""
    present = data.get(section)
    if isinstance(present, dict):
        return present
    fresh: Data = {}
    data[section] = fresh
    return fresh
