"""One thing that is wrong in the file, and where."""

from collections.abc import Iterable
from typing import NamedTuple

from parachute_core.model.errors import ConfigError

Keys = tuple[str | int, ...]
"""The way to a value: keys of mappings and numbers of list items, from the top."""


class Place(NamedTuple):
    """Line and column, from 1."""

    line: int
    column: int


class Problem(NamedTuple):
    """Ordered as the owner reads the file."""

    place: Place
    keys: Keys
    text: str

    def shown(self, file: str) -> str:
        """`file:line:col: key: text`."""
        return f"{file}:{self.place.line}:{self.place.column}: {show_keys(self.keys)}{': ' if self.keys else ''}{self.text}"


def show_keys(keys: Keys) -> str:
    """`telegram.allowed_users[2]`."""
    return "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in keys).removeprefix(".")


def refuse(file: str, problems: Iterable[Problem]) -> None:
    """Raise `ConfigError` with all of them, in the order of the file, each once; return when there are none."""
    lines = dict.fromkeys(one.shown(file) for one in sorted(problems, key=lambda one: one.place))
    if lines:
        raise ConfigError(*lines)
