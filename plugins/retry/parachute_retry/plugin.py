"""The loop as a layer round every outbound call."""

from parachute_core import ConnectorInfo, Layer, PluginContext, hookimpl
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
    def wrap_send(self, connector: ConnectorInfo) -> Layer:  # noqa: ARG002 - the same for every platform
        """The layer."""
        return self._sender.send_with_retry


def make_plugin(context: PluginContext[Settings]) -> Retry:
    """The entry point."""
    return Retry(context)
