"""What ties one start of a connector to the core: where its truth is kept, and where its messages go."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from parachute_core.model.errors import ConnectionLost
from parachute_core.model.message import Inbound
from parachute_core.model.status import ConnectorState


class Status(Protocol):
    """Where a supervisor keeps the truth about its connector."""

    state: ConnectorState

    def set_status(self, new: ConnectorState) -> bool:
        """Move to `new`; False where that is impossible. Raises what a plugin vetoes with."""
        ...

    def record_error(self, error: BaseException | str) -> None:
        """Remember what went wrong. Never raises."""
        ...

    def prove(self, what: str) -> None:
        """Life was proven: `running` from now on. Raises what a plugin vetoes with."""
        ...

    def failed_attempt(self) -> int:
        """Count a connection that was lost or never made; returns how many in a row."""
        ...

    def waiting(self, seconds: float) -> None:
        """The next attempt is made in `seconds`."""
        ...

    def message_came(self) -> None:
        """A message was received."""
        ...

    def report(self) -> dict[str, object]:
        """The fields that the admin API shows."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What the core does for one platform's connector; see `Link`."""

    receive: Callable[[Inbound], Awaitable[None]]
    redeem: Callable[[str, str], Awaitable[bool]]
    is_allowed: Callable[[str], bool]
    moved: Callable[[str, str], Awaitable[None]]
    reachable: Callable[[str], Awaitable[None]]


class SupervisedLink:
    """The `Link` of one start of a connector. After that start has ended it passes no message, proof or token on."""

    def __init__(self, status: Status, desk: Desk) -> None:
        self._status = status
        self._desk = desk
        self._open = True

    def close(self) -> None:
        """The start that this link belongs to has ended."""
        self._open = False

    async def receive(self, message: Inbound) -> None:
        """See `Link.receive`."""
        if not self._open:
            raise ConnectionLost("this start of the connector has ended")
        self._status.message_came()
        await self._desk.receive(message)

    def prove(self, what: str) -> None:
        """See `Link.prove`."""
        if self._open:
            self._status.prove(what)

    def lost(self, reason: str) -> None:
        """See `Link.lost`."""
        if self._open and self._status.state is ConnectorState.RUNNING:
            self._status.record_error(reason)
            self._status.set_status(ConnectorState.RECONNECTING)

    def is_allowed(self, listed_id: str) -> bool:
        """See `Link.is_allowed`."""
        return self._desk.is_allowed(listed_id)

    async def reachable(self, chat_id: str) -> None:
        """See `Link.reachable`."""
        if self._open:
            await self._desk.reachable(chat_id)

    async def moved(self, old_chat_id: str, new_chat_id: str) -> None:
        """See `Link.moved`."""
        await self._desk.moved(old_chat_id, new_chat_id)

    async def redeem(self, user_id: str, token: str) -> bool:
        """See `Link.redeem`."""
        return self._open and await self._desk.redeem(user_id, token)
