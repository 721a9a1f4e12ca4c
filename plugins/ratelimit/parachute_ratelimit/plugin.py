"""The rule behind `before_dispatch`."""

from parachute_core import Deny, Inbound, PluginContext, hookimpl
from parachute_ratelimit.bucket import TokenBuckets
from parachute_ratelimit.episodes import Episodes
from parachute_ratelimit.settings import Settings
from parachute_ratelimit.wording import in_words

__all__ = ["PLACE", "Settings", "make_plugin"]

PLACE = 10
"""First, so that strangers are limited too, before anything is looked up or written for them."""


class RateLimit:
    """Refuses, and never queues, what a chat sends over its limit."""

    def __init__(self, context: PluginContext[Settings]) -> None:
        settings = context.settings
        self._clock = context.clock
        self._buckets = TokenBuckets(settings.limit, settings.window)
        self._episodes = Episodes(settings.window)
        self._message = settings.message
        self._always = settings.notify == "always"
        self._reason = f"over the limit of {settings.limit} messages in {settings.window:g} s"

    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        """Let the message through if its chat has a token left, whoever wrote it and whatever it says."""
        key = (message.platform, message.chat_id)
        now = self._clock.monotonic()
        wait = self._buckets.check_rate_limit(key, now)
        if wait is None:
            self._episodes.ended(key, now)
            return None
        tell = self._episodes.begins(key, now) or self._always
        return Deny(self._reason, self._message.format(wait=in_words(wait)) if tell else None)


def make_plugin(context: PluginContext[Settings]) -> RateLimit:
    """The entry point."""
    return RateLimit(context)
