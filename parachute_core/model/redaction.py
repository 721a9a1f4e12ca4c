"""Known secrets are taken out of every text that leaves the process."""

import re
from collections.abc import Iterable

MASK = "[redacted]"
SHORTEST = 8
"""Characters below which a value is not taken for a secret: masking it would mangle ordinary text."""


class Redactor:
    """Knows the bot's secrets by value and masks each occurrence of one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        """Learn more secrets; values shorter than `SHORTEST` are not masked."""
        self._secrets.update(one for one in secrets if len(one) >= SHORTEST)
        # Longest first, so that a secret that contains another is masked whole.
        longest_first = sorted(self._secrets, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def __call__(self, text: str) -> str:
        """`text` with each known secret replaced by `MASK`."""
        return self._pattern.sub(MASK, text) if self._pattern else text
