"""How many calls a platform and its chats bear: what matters waits for its turn, what does not is left out."""

from dataclasses import dataclass

from parachute_core.clock import Clock
from parachute_core.model.errors import NotDelivered
from parachute_core.model.traits import Rate, Traits
from parachute_core.store.lru import LeastRecentlyUsed

LONGEST_SLEEP = 5.0
"""Seconds of a pause that the platform asked for which are slept through; a longer one is told to the layers, which keep the message."""
MOST_CHATS = 4096
"""Chats whose use is remembered; the one that was quiet for longest has surely recovered."""
WIDEST = 8.0
"""How many times as long as usual the pauses get when the platform refuses again and again."""
WIDER, NARROWER = 2.0, 0.9
"""What a refusal, and a call that went well, do to the pauses."""


@dataclass(slots=True)
class Meter:
    """The use of one thing that bears so many calls. Its memory is one moment: when it will have recovered from all of them."""

    rate: Rate
    recovered_at: float = 0.0
    closed_until: float = 0.0
    stretch: float = 1.0

    @property
    def _pause(self) -> float:
        return self.stretch / self.rate.per_second

    def wait(self, now: float) -> float:
        """Seconds until one more call is all right."""
        room = self.rate.burst * self._pause
        return max(self.closed_until - now, self.recovered_at + self._pause - room - now, 0.0)

    def has_room(self, now: float) -> bool:
        """Whether at most half of a burst is used, and nothing was refused lately."""
        return self.closed_until <= now and self.recovered_at - now <= self.rate.burst * self._pause / 2

    def use(self, at: float) -> None:
        """One call is made at this moment."""
        self.recovered_at = max(self.recovered_at, at) + self._pause

    def refuse(self, now: float, seconds: float) -> None:
        """The platform finds that it is too much, for so long."""
        self.close(now, seconds)
        self.stretch = min(WIDEST, self.stretch * WIDER)

    def close(self, now: float, seconds: float) -> None:
        """Nothing for so long."""
        self.closed_until = max(self.closed_until, now + seconds)

    def accept(self) -> None:
        """The platform took a call."""
        self.stretch = max(1.0, self.stretch * NARROWER)


class Budget:
    """One platform's. Chats that wait get their turns in the order in which they asked."""

    def __init__(self, traits: Traits, clock: Clock) -> None:
        self._traits = traits
        self._clock = clock
        self._platform = Meter(traits.rate) if traits.rate else None
        self._chats: LeastRecentlyUsed[str, Meter] = LeastRecentlyUsed(MOST_CHATS)

    async def turn(self, chat_id: str) -> None:
        """Return when a call that matters may be made. Raises `NotDelivered`, with the time to wait, when the platform asked for
        a wait that is not over soon.
        """
        now = self._clock.monotonic()
        meters = self._meters(chat_id)
        closed = max((one.closed_until - now for one in meters), default=0.0)
        if closed > LONGEST_SLEEP:
            raise NotDelivered("the platform asked for a pause", closed)
        wait = max((one.wait(now) for one in meters), default=0.0)
        for one in meters:
            one.use(now + wait)
        if wait > 0.0:
            await self._clock.sleep(wait)

    def free(self, chat_id: str) -> bool:
        """Whether `turn` would return at once."""
        now = self._clock.monotonic()
        return all(one.wait(now) <= 0.0 for one in self._meters(chat_id))

    def spare(self, chat_id: str) -> bool:
        """Whether there is room for a call that may be left out; counts it then."""
        now = self._clock.monotonic()
        meters = self._meters(chat_id)
        if not all(one.has_room(now) for one in meters):
            return False
        for one in meters:
            one.use(now)
        return True

    def refused(self, chat_id: str, seconds: float) -> None:
        """The platform refused a call and asked to wait: the chat is closed for so long, and all pauses get wider. Where chats are not
        counted one by one, it is the platform that is closed.
        """
        now = self._clock.monotonic()
        meters = self._meters(chat_id)
        for one in meters:
            one.refuse(now, seconds if one is meters[-1] else 0.0)

    def close(self, chat_id: str, seconds: float) -> None:
        """A wait that the platform asked for earlier is not over: the same is closed as by a refusal."""
        for one in self._meters(chat_id)[-1:]:
            one.close(self._clock.monotonic(), seconds)

    def accepted(self, chat_id: str) -> None:
        """The platform took a call."""
        for one in self._meters(chat_id):
            one.accept()

    def _meters(self, chat_id: str) -> list[Meter]:
        found = [] if self._platform is None else [self._platform]
        rate = self._traits.chat_rate(chat_id) if self._traits.chat_rate else None
        if rate is not None:
            meter = self._chats.get(chat_id)
            if meter is None:
                meter = Meter(rate)
                self._chats.put(chat_id, meter)
            found.append(meter)
        return found
