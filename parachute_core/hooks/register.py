"""What pluggy does for us: it specifies the hooks, validates the implementations and orders them."""

from collections.abc import Callable, Sequence
from typing import Any

from pluggy import HookImpl, PluginManager

from parachute_core.hooks import specs
from parachute_core.hooks.call import Call, LoadedPlugin
from parachute_core.hooks.check import HOOK_NAMES, arguments_of
from parachute_core.hooks.make import Made, fault_in, told
from parachute_core.hooks.markers import PROJECT
from parachute_core.model.errors import PluginError


def register(made: Sequence[Made]) -> tuple[PluginManager, list[PluginError]]:
    """A manager that knows these plugins, asked in this order, and what it did not take."""
    manager = PluginManager(PROJECT)
    manager.add_hookspecs(specs)
    faults: list[PluginError] = []
    # pluggy asks the plugin that was registered last first.
    for one in reversed(made):
        try:
            manager.register(one.plugin, one.candidate.name)
        except Exception as error:  # noqa: BLE001 - pluggy's own checks stand behind ours: ValueError, PluginValidationError
            faults.append(fault_in(one.candidate, told(error)))
    manager.check_pending()  # finds nothing, as long as pluggy and `faults_of` see the same methods
    return manager, faults


def loaded(manager: PluginManager, made: Made) -> LoadedPlugin:
    """The public record of a registered plugin."""
    mine = {caller.name for caller in manager.get_hookcallers(made.plugin) or ()}
    hooks = tuple(name for name in HOOK_NAMES if name in mine)
    return LoadedPlugin(made.candidate.name, made.candidate.distribution, made.candidate.version, hooks, made.plugin)


def calls(manager: PluginManager, hook: str) -> list[Call]:
    """The implementations as pluggy orders them, to be called by position with exactly the hook's arguments."""
    implementations = getattr(manager.hook, hook).get_hookimpls()
    return [(one.plugin_name, _taking(arguments_of(hook), one)) for one in reversed(implementations)]


def _taking(arguments: tuple[str, ...], implementation: HookImpl) -> Callable[..., Any]:
    """The implementation, made to take all of the hook's arguments although it may declare fewer, or others first."""
    declared = (*implementation.argnames, *implementation.kwargnames)
    if declared == arguments:
        return implementation.function
    indices = tuple(arguments.index(name) for name in declared)

    def call(*values: object) -> Any:
        return implementation.function(*(values[index] for index in indices))

    return call
