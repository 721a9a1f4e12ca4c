"""What a connector is, and what it is given. A connector translates; nothing of policy lives in it."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from parachute_core.clock import Clock
from parachute_core.model.message import Inbound
from parachute_core.model.outgoing import Outgoing, Receipt
from parachute_core.model.traits import Traits


class Link(Protocol):
    """The way from a running connector to the core."""

    async def receive(self, message: Inbound) -> None:
        """Hand over one message. Returns when its gates were passed, never waits for the answer, never raises for a message's fault.

        Only once this has returned may the platform be told that the message was taken: while the bot is being stopped it does
        not return, until the connector is cancelled.
        """
        ...

    def prove(self, what: str) -> None:
        """Say that the platform was just proven alive, and by what (a completed poll, READY, a completed sync).

        The first call after a start or a lost connection makes the connector `running`.
        """
        ...

    async def redeem(self, user_id: str, token: str) -> bool:
        """Use a one-time owner's token: True, and the user is allowed from now on; False: it is unknown, used or too old.

        Raises `ParachuteError` when the user cannot be let in now; the token stays good then.
        """
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

    def format(self, text: str) -> str:
        """The platform's form of an answer in Markdown; it is split to the limit after this. Default: unchanged."""
        return text


MakeConnector = Callable[[ConnectorContext], Connector]
