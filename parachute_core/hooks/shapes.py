"""What passes between core and a plugin: the layers of a send, and what a plugin is given when it is made."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from parachute_core.clock import Clock
from parachute_core.model.decision import Decision
from parachute_core.model.message import ChatRef
from parachute_core.model.outgoing import Buttons, Outgoing, Purpose, Receipt
from parachute_core.model.pairing import PairingEvent
from parachute_core.model.parcel import Stopped
from parachute_core.model.session import Session
from parachute_core.model.trust import TrustLevel

S = TypeVar("S")

Row = Mapping[str, Any]
Params = Mapping[str, Any]
Send = Callable[[Outgoing], Awaitable[Receipt]]
"""Deliver one call; returns when the platform took it, raises a `SendError` otherwise."""
Layer = Callable[[Send, Outgoing], Awaitable[Receipt]]
"""One plugin's step on the way out. It may not return before the result is known, may call `send` again only where
that cannot show the user anything twice, and lets every error pass that it does not handle."""


@dataclass(frozen=True, slots=True)
class ConnectorInfo:
    """The connector that `wrap_send` is asked about."""

    platform: str


class Transaction(Protocol):
    """Statements that are committed together, or not at all. SQL takes `:named` parameters."""

    async def execute(self, sql: str, params: Params = ...) -> int:
        """Run one statement; returns the number of rows it changed."""
        ...

    async def fetch_all(self, sql: str, params: Params = ...) -> list[Row]:
        """Every row of a query, as mappings by column name."""
        ...

    async def fetch_one(self, sql: str, params: Params = ...) -> Row | None:
        """The first row of a query, or None."""
        ...


class PluginStore(Protocol):
    """A plugin's own tables in the bot's database. Table names start with the plugin's name."""

    async def migrate(self, steps: Sequence[str]) -> None:
        """Apply the steps (one SQL statement each) that were not applied before, in order, all or none. Steps are only ever appended.

        Raises `StoreError` when the database has more steps of this plugin than are known here.
        """
        ...

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """A write transaction: committed at the end of the block, rolled back when it raises. One runs at a time; do not nest."""
        ...

    async def fetch_all(self, sql: str, params: Params = ...) -> list[Row]:
        """Read committed rows, outside any transaction."""
        ...

    async def fetch_one(self, sql: str, params: Params = ...) -> Row | None:
        """Read the first committed row, or None."""
        ...


class Sessions(Protocol):
    """The conversations, as a plugin may see them. Reads are answered from memory where possible."""

    async def get(self, session_id: str) -> Session | None:
        """The session as it stands now, or None when it does not exist."""
        ...

    async def current(self, chat: ChatRef) -> Session | None:
        """The chat's newest session, archived or not, or None when it has none."""
        ...


class Access(Protocol):
    """Who may talk to the bot."""

    def known_platforms(self) -> frozenset[str]:
        """Every platform name that can be asked about here."""
        ...

    def is_allowed(self, platform: str, user_id: str) -> bool:
        """Whether the user is on the platform's live allowlist."""
        ...

    async def allow(self, platform: str, user_id: str, trust_level: TrustLevel) -> None:
        """Put the user on the allowlist in `bots.yaml`, on the live one, and remember the level. Safe to repeat.

        Raises `UnknownPlatform`, or `ConfigError` when the file cannot be edited or does not take such an id; then nothing was granted.
        """
        ...

    async def revoke(self, platform: str, user_id: str, *, finish: bool = False) -> Stopped | None:
        """Take the user off the live allowlist, the trust cache and `bots.yaml`, in this order. None: was on none of them.

        The answer that is being made for the user is stopped, what waits for it or to be delivered to the user is dropped, and how
        much that was is returned. With `finish` the answer that is being made is still delivered, and nothing else is.
        Raises `UnknownPlatform`; `ConfigError` when the file cannot be edited: the user is refused all the same, and
        the file is mended at the next start. A store that takes nothing does not keep the caller waiting: it is written down as soon
        as it can be. Where neither file nor store can be written, `StoreError`: the user is refused for as long as the bot runs.
        """
        ...

    def shut_out(self, platform: str, user_id: str) -> None:
        """From now on nothing that this user sends gets any further, in no chat and past no gate, and nobody answers it; the allowlist
        makes no difference. Not remembered: who keeps such a list says so at each start, in `lifespan`.
        """
        ...

    def readmit(self, platform: str, user_id: str) -> None:
        """Take `shut_out` back."""
        ...

    def is_shut_out(self, platform: str, user_id: str) -> bool:
        """Whether the user is shut out."""
        ...


class Notifier(Protocol):
    """Messages that are no answer to a turn."""

    async def send(self, chat: ChatRef, text: str, purpose: Purpose, buttons: Buttons = ()) -> None:
        """Send `text` to the chat through every layer. Returns once it is kept: it is delivered as soon as that is possible, also after
        a restart, and what became of it is in the outbox. Raises `UnknownPlatform`, or `StoreError` when it cannot be kept.

        `buttons`: at most five rows of at most five. Where the platform has none, each is written out with what it says, so that it
        can be typed. A press comes in as a message (`Inbound.button`), from anybody who sees it: whose word counts, the plugin decides.
        """
        ...


# Without slots: on Python 3.11 a frozen, slotted generic cannot be called by its subscripted name.
@dataclass(frozen=True)
class PluginContext(Generic[S]):
    """All that a plugin is given; `make_plugin(context)` gets one."""

    name: str
    settings: S
    """An instance of the module's `Settings` model, validated; None where the module has no such model."""
    clock: Clock
    logger: logging.Logger
    store: PluginStore
    """Usable from the moment `lifespan()` is entered."""
    sessions: Sessions
    access: Access
    notifier: Notifier
    announce: Callable[[PairingEvent], Awaitable[None]]
    """Tell every plugin's `on_pairing_event`, after the change was committed. Never raises for a plugin's fault."""
    record: Callable[[Decision], None]
    """Put a decision into the audit log, right after it was made; returns at once. Whatever it says of it, `who` is the plugin, or the
    owner where it was the owner who asked for it (over the admin API, or inside `as_owner()`)."""
    as_owner: Callable[[], AbstractContextManager[None]]
    """What is decided inside is put on record as the owner's decision: for what the owner asks for in a chat. Who the owner is, the
    plugin must know by an immutable id."""
