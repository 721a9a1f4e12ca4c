"""The hooks: when each is called, with what, what it answers, and what happens when it raises. See `docs/hooks.md`."""

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from parachute_core.hooks.markers import hookspec
from parachute_core.hooks.shapes import ConnectorInfo, Layer
from parachute_core.model.message import Inbound
from parachute_core.model.pairing import PairingEvent
from parachute_core.model.status import StatusChange
from parachute_core.model.turn_report import TurnReport
from parachute_core.model.verdict import Deny

if TYPE_CHECKING:
    from quart import Blueprint


@hookspec
async def before_dispatch(message: Inbound) -> Deny | None:
    """Judge one inbound message that is addressed to the bot, before anything is created or charged.

    When: for each such message, plugins in order, one after the other; the first `Deny` ends it.
    Result: None goes on; `Deny(reason, reply)` stops the message, and `reply`, if any, goes to the chat.
    Raises: the message is refused (fail closed) and the plugin is named in the log; the connector lives on.
    """


@hookspec
def wrap_send(connector: ConnectorInfo) -> Layer | None:
    """Offer a layer round every outbound call of a connector.

    When: once for each connector, as it starts. The first plugin in the order is the outermost layer.
    Result: a layer `async (send, outgoing) -> Receipt`, or None for no layer.
    Raises: the connector does not start, and the error names the plugin.
    """


@hookspec
async def on_turn(report: TurnReport) -> None:
    """Hear of a turn of the agent.

    When: as it begins, before anything is shown or asked; each time that the agent tells what it used; as it has ended, however that
    was. The turn waits meanwhile. After a crash nobody hears of an end; a turn that is begun again has the same number.
    Raises: logged; the others are still told, and the turn goes on.
    """


@hookspec
def on_status_change(change: StatusChange) -> None:
    """Look at a connector's move before it is made.

    When: before each change of state, also one that the table does not allow.
    Raises: `InvalidTransition` vetoes the move and reaches whoever asked for it; anything else is logged, the others are still asked.
    """


@hookspec
async def on_pairing_event(event: PairingEvent) -> None:
    """Hear of a change of the pairing store.

    When: after it was committed, plugins in order.
    Raises: logged; the others are still told.
    """


@hookspec
def admin_blueprint() -> "Blueprint | None":
    """Add routes below `/api`, under the admin API's authentication.

    When: once, as the admin app is made.
    Result: a Quart `Blueprint` (its own prefix is relative to `/api`) or None.
    Raises: the start fails; so it does when a URL is already taken.
    """


@hookspec
def lifespan() -> AbstractAsyncContextManager[None] | None:
    """Own what lives as long as the bot: tables to migrate, background work.

    When: asked once; entered in order before any connector starts, left in reverse after all have stopped.
    Result: an async context manager or None.
    Raises: the start fails, and what was entered is unwound.
    """
