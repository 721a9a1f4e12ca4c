"""Running totals of tokens, as services tell them, made into what was used since the last time."""

from collections.abc import Iterator

from parachute_core.model.turn import Usage


class Counting:
    """Of one answer."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._told = dict.fromkeys(("input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens"), 0)

    def up_to(self, **totals: int | None) -> Iterator[Usage]:
        """So many in all so far; None: as many as before. Yields what is new, if anything is. What is no number raises."""
        new = {name: max(0, (totals.get(name) or 0) - told) for name, told in self._told.items()}
        if any(new.values()):
            self._told = {name: told + new[name] for name, told in self._told.items()}
            yield Usage(**new, model=self._model)
