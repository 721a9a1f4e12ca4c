"""The way out: one chain of layers for each platform, round its connector's raw send. Nothing reaches a platform but through here."""

import logging
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from parachute_core.engine.splitting import split
from parachute_core.hooks.shapes import Layer, Send
from parachute_core.model.errors import Ambiguous, NotDelivered, SendError, StoreError, UnknownPlatform, Withheld
from parachute_core.model.message import ChatRef, Voice
from parachute_core.model.outgoing import CHAT_ITSELF, Outgoing, Place, Purpose, Receipt, SendKind
from parachute_core.model.redaction import Redactor
from parachute_core.model.traits import Traits
from parachute_core.store.failures import FailedSends

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outlet:
    """A connector as the way out sees it."""

    send: Send
    traits: Traits
    format: Callable[[str], str]
    fetch: Callable[[Voice], Awaitable[bytes]]

    def parts(self, text: str) -> list[str]:
        """`text` in the platform's form, then cut to its limit."""
        return split(self.format(text), self.traits.max_length, self.traits.measure)


class Outbound:
    """Sends to every platform; the `Notifier` that plugins are given."""

    def __init__(self, failures: FailedSends, redactor: Redactor) -> None:
        self._failures = failures
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

    async def dispatch(self, outgoing: Outgoing) -> Receipt:
        """Make one call through every layer. Raises `SendError`; a failure that cost the user something is recorded."""
        chain = self._chains.get(outgoing.platform)
        if chain is None:
            raise UnknownPlatform(f"no connector for {outgoing.platform} was started")
        try:
            return await chain(replace(outgoing, text=self._redactor(outgoing.text)) if outgoing.text else outgoing)
        except Withheld:
            raise
        except SendError as error:
            if not outgoing.kind.cosmetic:
                await self._record(outgoing, error)
            raise

    async def send(self, chat: ChatRef, text: str, purpose: Purpose, session_id: str | None = None, *, place: Place = CHAT_ITSELF) -> None:
        """See `Notifier.send`. Part after part; the first that fails ends it. `session_id`: the session that it is a part of."""
        outlet = self.outlet(chat.platform)
        key = new_key()
        for number, part in enumerate(outlet.parts(text)):
            await self.dispatch(
                Outgoing(
                    platform=chat.platform,
                    chat_id=chat.chat_id,
                    kind=SendKind.MESSAGE,
                    purpose=purpose,
                    key=f"{key}.{number}",
                    text=part,
                    part=number,
                    session_id=session_id,
                    place=place if number == 0 else place.unquoted,
                    idempotent=outlet.traits.idempotent_messages,
                )
            )

    async def _deliver(self, outgoing: Outgoing) -> Receipt:
        if outgoing.platform not in self._attached:
            raise NotDelivered(f"{outgoing.platform} is stopped")
        try:
            return await self._outlets[outgoing.platform].send(outgoing)
        except SendError:
            raise
        except Exception as error:
            # A connector lets only SendErrors out; what else comes tells nothing about what the platform did.
            log.debug("a connector raised something that is no SendError", exc_info=error)
            raise Ambiguous(type(error).__name__) from error

    async def _record(self, outgoing: Outgoing, error: SendError) -> None:
        log.warning(
            "a message was not delivered",
            extra={
                "platform": outgoing.platform,
                "chat_id": outgoing.chat_id,
                "kind": outgoing.kind.value,
                "purpose": outgoing.purpose.value,
                "error": type(error).__name__,
            },
        )
        try:
            await self._failures.record(outgoing, error)
        except StoreError as trouble:
            log.error("an undelivered message could not be recorded", extra={"error": str(trouble)})


def new_key() -> str:
    """A key that no other call has; short enough for every platform's idempotency field."""
    return secrets.token_hex(8)
