"""How many messages a channel takes (developer documentation, Rate Limits: a bucket for each route and channel)."""

from collections import defaultdict, deque

from parachute_core.clock import SystemClock
from parachute_core.testing.http import Answer

WINDOW = 1.0
"""Real seconds over which messages are counted."""


class Limits:
    """Counts the messages that are created, by channel."""

    def __init__(self) -> None:
        self.messages = 1000
        """Most messages of one channel within a second; what comes on top is a 429."""
        self.refused = 0
        """How many were."""
        self._clock = SystemClock()
        self._made: defaultdict[str, deque[float]] = defaultdict(deque)

    def take(self, channel_id: str) -> Answer | None:
        """Count a message; what it is refused with, or None."""
        made, now = self._made[channel_id], self._clock.monotonic()
        while made and made[0] <= now - WINDOW:
            made.popleft()
        if len(made) < self.messages:
            made.append(now)
            return None
        self.refused += 1
        wait = made[0] + WINDOW - now
        headers = {**self.headers(channel_id), "Retry-After": f"{wait:.3f}", "X-RateLimit-Scope": "user"}
        return 429, headers, {"message": "You are being rate limited.", "retry_after": wait, "global": False}

    def headers(self, channel_id: str | None) -> dict[str, str]:
        """What every answer tells of the bucket; `channel_id` None: of another one, which is never empty."""
        made, now = self._made[channel_id] if channel_id else deque[float](), self._clock.monotonic()
        reset = (made[0] + WINDOW - now) if made else WINDOW
        most = self.messages if channel_id else 1000
        return {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(most - len(made)),
            "X-RateLimit-Reset": f"{self._clock.now().timestamp() + reset:.3f}",
            "X-RateLimit-Reset-After": f"{reset:.3f}",
            "Via": "1.1 fake",
        }
