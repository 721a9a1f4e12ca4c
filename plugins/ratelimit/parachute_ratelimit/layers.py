"""Limits in layers: a message spends a token of each, or none of any."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from parachute_core import Inbound
from parachute_ratelimit.bucket import TokenBuckets


class Per(StrEnum):
    """Whose messages a layer counts together."""

    CHAT = "chat"
    USER = "user"
    """In whatever chat of the platform."""
    PLATFORM = "platform"
    ALL = "all"

    @property
    def shared(self) -> bool:
        """Whether people who know nothing of each other spend the same tokens."""
        return self in (Per.PLATFORM, Per.ALL)


@dataclass(frozen=True, slots=True)
class Rule:
    """At most `limit` messages in any `window` seconds."""

    per: Per
    limit: int
    window: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """Of the layers that had no token left, the one that takes longest to have one, and the seconds until then."""

    rule: Rule
    wait: float


def _one_for_everybody(_: Inbound) -> str:
    return ""


KEYS: Mapping[Per, Callable[[Inbound], str]] = {
    Per.CHAT: attrgetter("chat_id"),
    Per.USER: attrgetter("user_id"),
    Per.PLATFORM: _one_for_everybody,
    Per.ALL: _one_for_everybody,
}
"""Where a message's token is, within its platform."""


class LayerBuckets:
    """The buckets of one rule: for each platform those of its own, so that the platform's ids can be the keys as they are."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self._key = KEYS[rule.per]
        self._spans_platforms = rule.per is Per.ALL
        self._buckets: dict[str, TokenBuckets] = {}

    def bucket(self, message: Inbound) -> tuple[TokenBuckets, str]:
        """Where the message's token is, and under which key."""
        scope = "" if self._spans_platforms else message.platform
        buckets = self._buckets.get(scope)
        if buckets is None:
            buckets = self._buckets[scope] = TokenBuckets(self.rule.limit, self.rule.window)
        return buckets, self._key(message)


class Layers:
    """All rules together."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._layers = tuple(LayerBuckets(rule) for rule in rules)
        self._own = tuple(one for one in self._layers if not one.rule.per.shared)
        self.shares = self._own != self._layers
        """Whether a rule is there that strangers share."""

    def check_rate_limit(self, message: Inbound, now: float, *, stranger: bool = False) -> Refusal | None:
        """Spend a token of each layer: None when each had one, else the refusal, and no layer has spent anything.

        A stranger's message is asked only of the layers that are the sender's or the chat's own: what all share is for those who
        may talk to the bot, and strangers can not use it up. `now` as for `TokenBuckets`.
        """
        spent: list[tuple[TokenBuckets, str]] = []
        refusal: Refusal | None = None
        for layer in self._own if stranger else self._layers:
            buckets, key = layer.bucket(message)
            wait = buckets.check_rate_limit(key, now)
            if wait is None:
                spent.append((buckets, key))
            elif refusal is None or wait > refusal.wait:
                refusal = Refusal(layer.rule, wait)
        if refusal is not None:
            for buckets, key in spent:
                buckets.give_back(key)
        return refusal
