"""What a connector is, and what it is given. A connector translates; nothing of policy lives in it."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from parachute_core.clock import Clock
from parachute_core.model.errors import ConnectorError
from parachute_core.model.message import Inbound, Voice
from parachute_core.model.outgoing import Outgoing, Receipt
from parachute_core.model.traits import Traits


class Link(Protocol):
    """The way from a running connector to the core."""

    async def receive(self, message: Inbound) -> None:
        """Hand over one message. Returns when its gates were passed and it is kept, so that a crash does not lose it; never waits for
        the answer, never raises for a message's fault. Raises `ConnectionLost` when it cannot be kept (a disk that is full): let that
        end `run`, and the platform deliver the message again.

        Only once this has returned may the platform be told that the message was taken: while the bot is being stopped it does
        not return, until the connector is cancelled. A message that was handed over before (same platform, chat and message id)
        is recognised and not answered again, so a connector hands over whatever its platform repeats.
        """
        ...

    def prove(self, what: str) -> None:
        """Say that the platform was just proven alive, and by what (a completed poll, READY, a completed sync).

        The first call after a start or a lost connection makes the connector `running`.
        """
        ...

    def lost(self, reason: str) -> None:
        """Say that the connection broke and the library is making it anew by itself: `reconnecting`, until the next `prove`.

        `reason`: for the owner, without secrets. A connection that `run` gives up is no business of this: it raises.
        """
        ...

    def is_allowed(self, listed_id: str) -> bool:
        """Whether an id of a user or a room is on the platform's live allowlist. For what must be known before a message is one,
        such as whether to join a room; messages themselves are judged by the core.
        """
        ...

    async def reachable(self, chat_id: str) -> None:
        """Say that a chat can be reached, without a message that would show it: what waits for it is delivered now. Raises nothing."""
        ...

    async def moved(self, old_chat_id: str, new_chat_id: str) -> None:
        """Say that a chat has another id from now on; its session goes on under the new one. Safe to repeat. Raises `StoreError`."""
        ...

    async def redeem(self, user_id: str, token: str) -> bool:
        """Use a one-time owner's token: True, and the user is allowed from now on; False: it is unknown, used or too old.

        Raises `ParachuteError` when the user cannot be let in now; the token stays good then.
        """
        ...


class Memory(Protocol):
    """What a connector remembers over restarts: small texts by key, its own alone. Every method raises `StoreError`."""

    async def get(self, key: str) -> str | None:
        """The text kept under the key, or None."""
        ...

    async def put(self, key: str, value: str) -> None:
        """Keep it; it is on the disk when this returns."""
        ...

    async def forget(self, key: str) -> None:
        """Keep nothing under the key."""
        ...

    async def keep_newest(self, prefix: str, count: int) -> None:
        """Of the keys that start with `prefix`, forget all but the `count` that were put last."""
        ...

    async def items(self, prefix: str) -> dict[str, str]:
        """The keys that start with `prefix`, the one that was put last at the end, and what is kept under them."""
        ...


@dataclass(frozen=True, slots=True)
class ConnectorContext:
    """What `make_connector(context)` gets."""

    platform: str
    settings: Any
    """The platform's section of `bots.yaml`, validated by the `Settings` model beside `make_connector`."""
    clock: Clock
    logger: logging.Logger
    secret: bytes
    """32 random bytes that are this bot's own and survive restarts."""
    memory: Memory
    folder: Path
    """For files that a library insists on; the connector makes it, with mode 0700, when it needs it."""
    may_show: Callable[[str], bool]
    """Whether a call that may be left out (a reaction, a typing sign) may be made in a chat now; counts it then. For `Signs`."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something at the platform that keeps a bot with right credentials from its work."""

    id: str
    """That of the finding of `parachute-core doctor`."""
    text: str
    """For the owner: what is wrong, and what to do; without secrets."""


class Connector(ABC):
    """One platform. Made anew for each start; its methods are called in the event loop."""

    traits: Traits

    @abstractmethod
    async def run(self, link: Link) -> None:
        """Connect and translate events until cancelled. Unwinds within seconds when cancelled.

        Raises `CredentialsRefused` (parked until they change) or any other error (reconnected with backoff).
        Returning without having been cancelled counts as a failure.
        """

    @abstractmethod
    async def send(self, outgoing: Outgoing) -> Receipt:
        """Make the one platform call. Raises `NotDelivered`, `Ambiguous` or `Rejected`; an unsupported cosmetic call is a no-op.

        Never retries. May be called while `run` is not connected; then it raises `NotDelivered`.
        """

    @abstractmethod
    async def test(self) -> Mapping[str, str]:
        """Verify the credentials without disturbing `run`; returns who the bot is (`bot_name`, …). Raises `ConnectorError`."""

    async def examine(self, *, alone: bool) -> Sequence[Complaint]:  # noqa: ARG002 - for those whose looking could disturb
        """Look for what is wrong at the platform, changing nothing there. Verifies the credentials first; raises as `test` does.

        `alone`: as far as is known, no bot runs with these credentials. Default: nothing more than `test` finds.
        """
        await self.test()
        return ()

    async def fetch(self, voice: Voice) -> bytes:  # noqa: ARG002 - for those who have some
        """Get a spoken message, of at most `LARGEST_VOICE` bytes (`model.message`). Raises `ConnectorError`. Default: there are none."""
        raise ConnectorError("this platform has no spoken messages")

    def format(self, text: str) -> str:
        """The platform's form of an answer in Markdown; it is split to the limit after this. Default: unchanged."""
        return text


@runtime_checkable
class TakesWebhooks(Protocol):
    """A connector whose platform may bring its events by itself, to `POST /webhook/<platform>` of the bot's server."""

    def knows_sender(self, headers: Mapping[str, str]) -> bool | None:
        """Whether the headers (any case of their names) prove that the platform sends this; compared in constant time.

        None: as it is configured, the connector takes no deliveries.
        """
        ...

    async def deliver(self, body: bytes) -> None:
        """Take over one delivery of a sender that is known; returns once the core has it. Raises `ConnectorError` when it was not
        taken over: the platform delivers it again. May be cancelled, when the sender hangs up.
        """
        ...


MakeConnector = Callable[[ConnectorContext], Connector]
