"""Tokens that work once, for links that are printed."""

import hashlib
import secrets

from parachute_core.clock import Clock

LIFETIME = 24 * 3600.0
"""Seconds in which a token can be used."""
MOST = 100
"""Tokens that wait to be used; a further one makes the oldest worthless."""


class OneTimeTokens:
    """Tokens of this run of the bot, kept as hashes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}

    def issue(self) -> str:
        """A new token: 192 random bits, safe in a URL."""
        token = secrets.token_urlsafe(24)
        self._until[_digest(token)] = self._clock.monotonic() + LIFETIME
        while len(self._until) > MOST:
            del self._until[next(iter(self._until))]
        return token

    def take(self, token: str) -> float | None:
        """Use the token up; until when it would have been good, for `put_back`. None: it is unknown, used or too old."""
        # Looked up by digest, so that the time it takes tells nothing about the tokens that exist.
        until = self._until.pop(_digest(token), None)
        return None if until is None or self._clock.monotonic() > until else until

    def put_back(self, token: str, until: float) -> None:
        """It was not used after all."""
        self._until[_digest(token)] = until


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
