"""Vetoes every move that is not in core's table of states, and logs every one that is."""

from parachute_core import InvalidTransition, PluginContext, StatusChange, hookimpl

__all__ = ["PLACE", "make_plugin"]

PLACE = 70


class StrictState:
    """Keeps no state of its own: whether a move is allowed is for core's table to say."""

    def __init__(self, context: PluginContext[None]) -> None:
        self._logger = context.logger

    @hookimpl
    def on_status_change(self, change: StatusChange) -> None:
        """Raises `InvalidTransition` for a move that the table does not have: the state stays, and whoever asked for it hears of it."""
        if not change.allowed:
            raise InvalidTransition(change.platform, change.old, change.new)
        self._logger.debug(
            "%s: %s -> %s",
            change.platform,
            change.old,
            change.new,
            extra={"platform": change.platform, "old": str(change.old), "new": str(change.new)},
        )


def make_plugin(context: PluginContext[None]) -> StrictState:
    """The entry point."""
    return StrictState(context)
