"""What this task works on at this moment: whatever it logs meanwhile, in whichever module, carries these facts. Only ids."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

Facts = Mapping[str, str | int]

_facts: ContextVar[Facts] = ContextVar("facts", default={})  # noqa: B039 - never changed, only replaced


@contextmanager
def about(**facts: str | int | None) -> Iterator[None]:
    """What happens inside concerns these, and nothing that it concerned before; None is left out."""
    token = _facts.set({name: value for name, value in facts.items() if value is not None})
    try:
        yield
    finally:
        _facts.reset(token)


def also_about(**facts: str | int) -> None:
    """From here to the end of the innermost `about` it concerns these, too."""
    _facts.set({**_facts.get(), **facts})


def concerned() -> Facts:
    """What it concerns now."""
    return _facts.get()
