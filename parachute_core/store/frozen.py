"""Records as text and back. Text of people may hold lone surrogates, which JSON can carry and UTF-8 cannot."""

import json
from typing import Generic, TypeVar

from pydantic import TypeAdapter

from parachute_core.model.errors import StoreError

T = TypeVar("T")


class Frozen(Generic[T]):
    """Freezes and thaws records of one type."""

    def __init__(self, kind: type[T]) -> None:
        self._adapter: TypeAdapter[T] = TypeAdapter(kind)

    def dump(self, record: T) -> str:
        """The record as ASCII text."""
        return json.dumps(self._adapter.dump_python(record, mode="json"), separators=(",", ":"))

    def load(self, text: str) -> T:
        """The record that was dumped. Raises `StoreError` when it cannot be read; the error holds nothing of it."""
        try:
            return self._adapter.validate_python(json.loads(text))
        except ValueError:
            raise StoreError("a record of the database cannot be read") from None
