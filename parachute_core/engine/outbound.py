"""The way out: one chain of layers for each platform, round its connector's raw send. Nothing reaches a platform but through here."""

import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from parachute_core.clock import Clock
from parachute_core.engine.budget import Budget
from parachute_core.engine.dispatching import Dispatcher
from parachute_core.engine.splitting import split
from parachute_core.hooks.shapes import Layer, Send
from parachute_core.model.errors import Ambiguous, NotDelivered, SendError, UnknownPlatform
from parachute_core.model.message import ChatRef, Voice
from parachute_core.model.outgoing import SENT_AGAIN, Outgoing, Receipt
from parachute_core.model.redaction import Redactor
from parachute_core.model.traits import Traits

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outlet:
    """A connector as the way out sees it."""

    send: Send
    traits: Traits
    format: Callable[[str], str]
    fetch: Callable[[Voice], Awaitable[bytes]]

    def parts(self, text: str) -> list[str]:
        """`text` in the platform's form, then cut to its limit, with room for the label of a message that is sent again."""
        traits = self.traits
        room = 0 if traits.idempotent_messages else traits.measure(SENT_AGAIN)
        return split(self.format(text), max(traits.max_length - room, traits.max_length // 2), traits.measure)


class Outbound:
    """Every platform's way out."""

    def __init__(self, dispatcher: Dispatcher, redactor: Redactor, clock: Clock) -> None:
        self._dispatcher = dispatcher
        self._clock = clock
        self._budgets: dict[str, Budget] = {}
        self._redactor = redactor
        self._outlets: dict[str, Outlet] = {}
        self._attached: set[str] = set()
        self._chains: dict[str, Send] = {}

    def attach(self, platform: str, outlet: Outlet, layers: Iterable[Layer]) -> None:
        """Make a connector the way out to its platform, behind `layers` (first is outermost)."""
        chain: Send = self._deliver
        for layer in reversed(list(layers)):
            chain = partial(layer, chain)
        self._outlets[platform] = outlet
        self._budgets[platform] = Budget(outlet.traits, self._clock)
        self._chains[platform] = chain
        self._attached.add(platform)

    def detach(self, platform: str) -> None:
        """The platform's connector is stopped: until another is attached, nothing is delivered."""
        self._attached.discard(platform)

    def outlet(self, platform: str) -> Outlet:
        """The platform's latest connector. Raises `UnknownPlatform` when it never had one."""
        try:
            return self._outlets[platform]
        except KeyError:
            raise UnknownPlatform(f"no connector for {platform} was started") from None

    def free(self, chat: ChatRef) -> bool:
        """Whether a call that matters would be made at once."""
        budget = self._budgets.get(chat.platform)
        return budget is not None and budget.free(chat.chat_id)

    def close(self, chat: ChatRef, seconds: float) -> None:
        """Make no call to a chat for so long; see `Budget.close`."""
        if (budget := self._budgets.get(chat.platform)) is not None:
            budget.close(chat.chat_id, seconds)

    def may_show(self, platform: str, chat_id: str) -> bool:
        """Whether a call that may be left out may be made now; counts it then."""
        budget = self._budgets.get(platform)
        return budget is not None and budget.spare(chat_id)

    def redacted(self, text: str) -> str:
        """`text` without the bot's secrets: it leaves the process only like this."""
        return self._redactor(text)

    async def dispatch(self, outgoing: Outgoing) -> Receipt:
        """Make one call through every layer. Raises `SendError`."""
        chain = self._chains.get(outgoing.platform)
        if chain is None:
            raise UnknownPlatform(f"no connector for {outgoing.platform} was started")
        return await chain(replace(outgoing, text=self._redactor(outgoing.text)) if outgoing.text else outgoing)

    async def _deliver(self, outgoing: Outgoing) -> Receipt:
        if outgoing.platform not in self._attached:
            raise NotDelivered(f"{outgoing.platform} is stopped")
        budget = self._budgets[outgoing.platform]
        if outgoing.cosmetic and not outgoing.kind.cosmetic and not budget.spare(outgoing.chat_id):
            raise NotDelivered("left out for what matters more")
        if not outgoing.cosmetic:
            await budget.turn(outgoing.chat_id)
        try:
            receipt = await self._dispatcher.raw(self._outlets[outgoing.platform].send, outgoing)
        except NotDelivered as error:
            if error.retry_after:
                budget.refused(outgoing.chat_id, error.retry_after)
            raise
        except SendError:
            raise
        except Exception as error:
            # A connector lets only SendErrors out; what else comes tells nothing about what the platform did.
            log.debug("a connector raised something that is no SendError", exc_info=error)
            raise Ambiguous(type(error).__name__) from error
        if not outgoing.kind.cosmetic:
            budget.accepted(outgoing.chat_id)
        return receipt


def new_key() -> str:
    """A key that no other call has; short enough for every platform's idempotency field."""
    return secrets.token_hex(8)
