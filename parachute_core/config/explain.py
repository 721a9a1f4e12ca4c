"""A pydantic error in the words of someone who edits a YAML file. Never shows the value: it may be a secret."""

from collections.abc import Collection, Mapping
from difflib import get_close_matches

from pydantic import BaseModel
from pydantic_core import ErrorDetails

EXPECTED: Mapping[str, str] = {
    "bool": "expected true or false",
    "int": "expected a whole number",
    "float": "expected a number",
    "string": "expected text",
    "list": "expected a list, such as [one, two]",
    "tuple": "expected a list, such as [one, two]",
    "set": "expected a list, such as [one, two]",
    "frozen_set": "expected a list, such as [one, two]",
    "dict": "expected keys with values",
    "mapping": "expected keys with values",
    "model": "expected keys with values",
    "none": "expected nothing",
}
KIND_OF_FAULT = ("_type", "_parsing", "_from_float", "_attributes_type")


def explain(error: ErrorDetails, names: Collection[str]) -> str:
    """What was expected. `names`: the keys that are known where an unknown one stands."""
    kind = error["type"]
    if kind == "extra_forbidden":
        return unknown_key(str(error["loc"][-1]), names)
    if kind == "missing":
        return "is required"
    if kind in ("value_error", "assertion_error"):
        return str(error.get("ctx", {}).get("error", error["msg"]))
    if kind in ("literal_error", "enum"):
        return f"expected {error['ctx']['expected']}"
    for ending in KIND_OF_FAULT:
        if kind.endswith(ending) and (text := EXPECTED.get(kind.removesuffix(ending))):
            quoted = kind.startswith("string") and isinstance(error["input"], (bool, int, float))
            return text + ("; write it in quotes" if quoted else "")
    said = error["msg"]
    return "expected " + said.removeprefix("Input should be ") if said.startswith("Input should be ") else said


def unknown_key(key: str, names: Collection[str], what: str = "unknown key") -> str:
    """That the key is not known, and which one may have been meant."""
    near = get_close_matches(key.lower(), names, n=1, cutoff=0.6)
    return what + (f" (did you mean {near[0]}?)" if near else f"; known here: {', '.join(sorted(names))}" if names else "")


def known_names(model: type[BaseModel], way: Collection[object]) -> frozenset[str]:
    """The keys of the model that `way` leads to from `model`; none where that cannot be told."""
    for step in way:
        info = model.model_fields.get(str(step))
        kind = info.annotation if info else None
        if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
            return frozenset()
        model = kind
    return frozenset(info.alias or name for name, info in model.model_fields.items())
