"""The rules behind `before_dispatch`, and the caps behind `wrap_send`."""

from parachute_core import Deny, Inbound, Layer, Outgoing, PluginContext, Receipt, Send, SendKind, Withheld, hookimpl
from parachute_ratelimit.episodes import Episodes
from parachute_ratelimit.layers import Layers, Per
from parachute_ratelimit.settings import Settings
from parachute_ratelimit.turns import Turns
from parachute_ratelimit.wording import BUSY, told

__all__ = ["PLACE", "Settings", "make_plugin"]

PLACE = 10
"""First, so that strangers are limited too, before anything is looked up or written for them."""


class RateLimit:
    """Refuses, and never queues, what is over a limit; holds up or refuses a turn for which there is no room."""

    def __init__(self, context: PluginContext[Settings]) -> None:
        settings = context.settings
        self._clock = context.clock
        self._access = context.access
        self._layers = Layers(settings.rules)
        self._episodes = Episodes(max(rule.window for rule in settings.rules))
        self._exempt = frozenset((platform, user) for platform, users in settings.exempt.items() for user in users)
        # Who wrote no message and has layers reads which of them it was.
        self._message = None if settings.limits and "message" not in settings.model_fields_set else settings.message
        self._always = settings.notify == "always"
        caps = settings.max_turns
        self._turns = Turns(caps.per_user, caps.overall) if caps else None
        self._queues = caps is not None and caps.when_full == "queue"

    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        """Let the message through if each layer has a token left for it, whatever it says."""
        if self._exempt and (message.platform, message.user_id) in self._exempt:
            return None
        now = self._clock.monotonic()
        stranger = self._layers.shares and not self._access.is_allowed(message.platform, message.user_id)
        refusal = self._layers.check_rate_limit(message, now, stranger=stranger)
        chat = (message.platform, message.chat_id)
        if refusal is None:
            if self._episodes:
                self._episodes.ended(chat, now)
                self._episodes.ended((*chat, message.user_id), now)
            return None
        rule = refusal.rule
        refused = (*chat, message.user_id) if rule.per is Per.USER else chat
        tell = self._episodes.begins(refused, now) or self._always
        reason = f"over the limit of {rule.limit} messages in {rule.window:g} s per {rule.per}"
        return Deny(reason, told(refusal, self._message) if tell else None)

    @hookimpl
    def wrap_send(self) -> Layer | None:
        """The same layer for every platform; none where turns have no cap."""
        return None if self._turns is None else self._count_turns

    async def _count_turns(self, send: Send, outgoing: Outgoing) -> Receipt:
        """A turn's first call is the typing sign, before the agent is asked, and its last one ends that sign, whatever came between."""
        turns, user = self._turns, (outgoing.platform, outgoing.sender_id)
        if turns is None or outgoing.kind is not SendKind.TYPING or outgoing.sender_id is None or user in self._exempt:
            return await send(outgoing)
        if outgoing.final:
            turns.end(outgoing.chat)
        elif self._queues:
            await turns.wait_and_begin(outgoing.chat, user)
        elif cap := turns.begin(outgoing.chat, user):
            raise Withheld(f"as many turns as may run at once, per {cap}", BUSY[cap])
        return await send(outgoing)


def make_plugin(context: PluginContext[Settings]) -> RateLimit:
    """The entry point."""
    return RateLimit(context)
