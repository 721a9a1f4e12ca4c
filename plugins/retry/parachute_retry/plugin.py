"""The loop as a layer round every outbound call."""

from parachute_core import Layer, PluginContext, hookimpl
from parachute_retry.sending import RetryingSender
from parachute_retry.settings import Settings

__all__ = ["PLACE", "Settings", "make_plugin"]

PLACE = 30
"""Outside the layers that judge a call (session guard), so that they judge each repetition of it."""


class Retry:
    """Puts the same loop round the calls of every connector."""

    def __init__(self, context: PluginContext[Settings]) -> None:
        self._sender = RetryingSender(context.settings, context.clock, context.logger)

    @hookimpl
    def wrap_send(self) -> Layer:
        """The same layer for every platform."""
        return self._sender.send_with_retry


def make_plugin(context: PluginContext[Settings]) -> Retry:
    """The entry point."""
    return Retry(context)
