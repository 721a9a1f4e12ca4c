"""What goes wrong between a client and a server, where a test wants it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Fault:
    """What goes wrong with requests whose path matches. One of the kinds below, or a `delay` before the ordinary answer."""

    path: str
    """A regular expression that is searched in the path."""
    count: int | None = 1
    """How many requests it meets; None: every one, until it is removed."""
    skip: int = 0
    """How many matching requests pass before the first that it meets."""
    status: int | None = None
    """Answer with this status, `headers` and `body` instead of acting."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    delay: float = 0.0
    """Real seconds before acting, or before the other kinds take effect."""
    reset: bool = False
    """Reset the connection without acting."""
    lost: bool = False
    """Act, then reset the connection instead of answering."""
    hang: bool = False
    """Neither act nor answer, until the client leaves."""
    cut: int | None = None
    """Act, then break the connection after this many bytes of the body."""
    met: int = 0
    """How many requests it has met so far."""

    def meets(self, path: str) -> bool:
        """Whether it hits this request; counts it."""
        if re.search(self.path, path) is None or self.met == self.count:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.met += 1
        return True
