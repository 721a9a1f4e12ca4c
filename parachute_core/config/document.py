"""One `bots.yaml` as it was read: its data, and the place of everything in it."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from parachute_core.config.expand import Expansion
from parachute_core.config.explain import explain, known_names, unknown_key
from parachute_core.config.parse import parse
from parachute_core.config.problems import Keys, Place, Problem, refuse

M = TypeVar("M", bound=BaseModel)

START = Place(1, 1)


class Document:
    """The parsed file. Nothing in it changes after it was made."""

    def __init__(self, path: Path, text: str, environ: Mapping[str, str]) -> None:
        """Parse and expand `text`. Raises `ConfigError` when it is no YAML; what else is wrong is in `problems`."""
        self.path = path
        self.text = text
        self.parsed = parse(text, path.name)
        self.expansion = Expansion(environ, path.parent, self.parsed.plain)
        self.raw: dict[str, object] = self.parsed.data
        """The data as it is written, references and all."""
        self.data: dict[str, object] = {key: self.expansion.expand(value, (key,)) for key, value in self.raw.items()}
        """The data with every reference replaced by what it stands for."""
        failed = [self.problem(keys, text) for keys, text in self.expansion.failures.items()]
        self.problems: tuple[Problem, ...] = (*self.parsed.problems, *failed)

    def where(self, *keys: str | int) -> str:
        """`bots.yaml:3:5`: the key (or list item) that `keys` lead to, or as much of the way as the file has."""
        place = self.place(keys)
        return f"{self.path.name}:{place.line}:{place.column}"

    def get(self, *keys: str) -> object:
        """The expanded value that the `keys` of mappings lead to, or None when it is not there."""
        value: object = self.data
        for key in keys:
            if not isinstance(value, dict) or key not in value:
                return None
            value = value[key]
        return value

    def validate(self, model: type[M], *keys: str, ignore: Collection[str] = ()) -> M:
        """The part of the file that `keys` lead to (nothing there: no keys set), as a `model`.

        Keys that the model does not know are refused, unless the model says `extra="allow"`. Left out, where the model does
        not name them: the keys in `ignore`, and the core's own, which are `enabled` of a plugin, `use` of orchestrator and transcriber,
        and `history_tokens` of the orchestrator.
        Raises `ConfigError` with every problem, each `file:line:col: key: what was expected`.
        """
        value, problems = self.check(model, *keys, ignore=ignore)
        refuse(self.path.name, problems)
        assert value is not None  # noqa: S101 - no problem, so there is a value
        return value

    def check(self, model: type[M], *keys: str, ignore: Collection[str] = ()) -> tuple[M | None, list[Problem]]:
        """As `validate`, but the problems are given back; the value is None when there are any."""
        found = self.get(*keys)
        data = {} if found is None else found
        problems: list[Problem] = []
        if isinstance(data, dict):
            known = known_names(model, ())
            left_out = {*ignore, *_core_keys(keys)} - known
            data = {key: value for key, value in data.items() if key not in left_out}
            if model.model_config.get("extra") in (None, "ignore"):
                problems += [self.problem((*keys, key), unknown_key(key, known)) for key in data if key not in known]
        try:
            value = model.model_validate(data)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                way = self._way(keys, one["loc"])
                if way not in self.expansion.failures:
                    problems.append(self.problem(way, explain(one, known_names(model, one["loc"][:-1]))))
            return None, problems
        return (None if problems else value), problems

    def problem(self, keys: Keys, text: str) -> Problem:
        """A problem with what `keys` lead to."""
        return Problem(self.place(keys), keys, text)

    def place(self, keys: Keys) -> Place:
        """See `where`."""
        while keys and keys not in self.parsed.places:
            keys = keys[:-1]
        return self.parsed.places.get(keys, START)

    def _way(self, keys: Keys, loc: tuple[str | int, ...]) -> Keys:
        """Where a pydantic error is in the file. Its steps may name branches of a union too; those are in no file."""
        way = keys
        for number, step in enumerate(loc):
            if (*way, step) in self.parsed.places or (number == len(loc) - 1 and isinstance(step, str) and step.isidentifier()):
                way = (*way, step)
        return way


def _core_keys(keys: Keys) -> Collection[str]:
    """The keys that are the core's own in the part that `keys` lead to."""
    if len(keys) == 2 and keys[0] == "plugins":
        return ("enabled",)
    if keys == ("orchestrator",):
        return ("use", "history_tokens")
    return ("use",) if keys == ("transcriber",) else ()
