"""What becomes of a plugin that fails, for each hook."""

import asyncio
import logging
from collections.abc import Mapping
from enum import StrEnum

from parachute_core.hooks.answers import wrong_answer
from parachute_core.hooks.shapes import Layer, Send
from parachute_core.model.errors import Ambiguous, SendError
from parachute_core.model.outgoing import Outgoing, Receipt

log = logging.getLogger(__name__)


class Failure(StrEnum):
    """What becomes of a call when a plugin raises, or answers what the hook does not allow."""

    REFUSE = "refuse"
    """Logged, and the message is refused: fail closed."""
    LOG = "log"
    """Logged, and the other plugins are still asked."""
    STOP = "stop"
    """`PluginError` to the caller, who does not start what it was about to start."""


FAILURE: Mapping[str, Failure] = {
    "before_dispatch": Failure.REFUSE,
    "wrap_send": Failure.STOP,
    "on_turn": Failure.LOG,
    "on_status_change": Failure.LOG,  # but for InvalidTransition, which is an answer and no failure
    "on_pairing_event": Failure.LOG,
    "admin_blueprint": Failure.STOP,
    "lifespan": Failure.STOP,
}


def guarded(plugin: str, layer: Layer) -> Layer:
    """The layer, made to end in a receipt or a `SendError` and in nothing else; whatever else it does is told with its name."""

    async def guard(send: Send, outgoing: Outgoing) -> Receipt:
        try:
            receipt = await layer(send, outgoing)
            if not isinstance(receipt, Receipt):
                raise TypeError(wrong_answer(receipt, "a Receipt"))
        except SendError:
            raise
        except asyncio.CancelledError as error:
            if cancelled_by_caller():
                raise
            raise _uncertain(plugin, error) from error
        except Exception as error:
            raise _uncertain(plugin, error) from error
        return receipt

    return guard


def log_failure(hook: str, plugin: str, error: BaseException) -> None:
    """Name the plugin and the error's class; the error itself at DEBUG only, since its text may quote a message."""
    fields = {"plugin": plugin, "hook": hook, "error": type(error).__name__}
    log.error("plugin %s failed in %s: %s", plugin, hook, type(error).__name__, extra=fields)
    log.debug("plugin %s failed in %s", plugin, hook, exc_info=error, extra=fields)


def cancelled_by_caller() -> bool:
    """Whether this task is being cancelled, and not merely some other task that a plugin waited for."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def _uncertain(plugin: str, error: BaseException) -> Ambiguous:
    """The layer may have failed before or after the platform acted."""
    log_failure("wrap_send", plugin, error)
    return Ambiguous(f"plugin {plugin} failed in its layer: {type(error).__name__}")
