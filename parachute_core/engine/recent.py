"""How many messages came in each of the last minutes. In memory, of one size."""

from collections import deque
from dataclasses import dataclass

from parachute_core.clock import Clock

MINUTES = 60


@dataclass(slots=True)
class Minute:
    """What came within one minute."""

    number: int
    """Minutes since some moment on a clock that never goes back."""
    messages: int = 0
    """Addressed to the bot."""
    refused: int = 0
    """Of those, how many a plugin or the core refused."""


class Recent:
    """The last hour, minute by minute."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._minutes: deque[Minute] = deque(maxlen=MINUTES)

    def came(self, *, refused: bool) -> None:
        """One message was judged."""
        now = self._now()
        if not self._minutes or self._minutes[-1].number != now:
            self._minutes.append(Minute(now))
        self._minutes[-1].messages += 1
        self._minutes[-1].refused += refused

    def minutes(self) -> list[tuple[float, int, int]]:
        """The begin of each minute in seconds since 1970, its messages, and the refused among them; the present one last."""
        now, known = self._now(), {one.number: one for one in self._minutes}
        began = self._clock.now().timestamp() - self._clock.monotonic() % 60
        found = [known.get(number, Minute(number)) for number in range(now - MINUTES + 1, now + 1)]
        return [(round(began - 60 * (now - one.number), 3), one.messages, one.refused) for one in found]

    def _now(self) -> int:
        return int(self._clock.monotonic() // 60)
