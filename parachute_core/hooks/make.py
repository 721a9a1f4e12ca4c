"""From one candidate to its plugin object, or to an error that names it."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from parachute_core.hooks.check import faults_of
from parachute_core.hooks.discover import Candidate
from parachute_core.hooks.settings import NoSettings, RawSettings, Validate, model_fault, read_settings
from parachute_core.hooks.shapes import PluginContext
from parachute_core.model.errors import PluginError

MakeContext = Callable[[str, BaseModel | None], PluginContext[Any]]
"""What the plugin of this name is given; its settings are None where its module has no `Settings`."""


@dataclass(frozen=True, slots=True)
class Made:
    """A plugin object that passed every check, and where it came from."""

    candidate: Candidate
    place: int
    plugin: object


def make(claims: Sequence[Candidate], settings: RawSettings, make_context: MakeContext, validate: Validate | None) -> Made:
    """Import the one plugin of this name and call its factory."""
    candidate = claims[0]
    if len(claims) > 1:
        origins = " and ".join(f"{one.distribution} {one.version}" for one in claims)
        raise PluginError(candidate.name, f"installed more than once, by {origins}; uninstall all but one")
    try:
        declared = candidate.declare()
    except (Exception, SystemExit) as error:
        raise fault_in(candidate, f"cannot be imported: {told(error)}") from error
    if not callable(declared.factory) or inspect.iscoroutinefunction(declared.factory):
        raise fault_in(candidate, "its entry point must name a plain function make_plugin(context)")
    if not isinstance(declared.place, int) or isinstance(declared.place, bool):
        raise fault_in(candidate, "its PLACE must be a whole number")
    fault = None if declared.settings is None else model_fault(declared.settings)
    if fault:
        raise fault_in(candidate, fault)
    model: Any = declared.settings or NoSettings
    own = read_settings(model, settings, candidate.name, validate)
    context = make_context(candidate.name, None if declared.settings is None else own)
    try:
        plugin = declared.factory(context)
    except (Exception, SystemExit) as error:
        raise fault_in(candidate, f"make_plugin failed: {told(error)}") from error
    faults = faults_of(plugin)
    if inspect.iscoroutine(plugin):
        plugin.close()
    if faults:
        raise fault_in(candidate, "; ".join(faults))
    return Made(candidate, declared.place, plugin)


def fault_in(candidate: Candidate, cause: str) -> PluginError:
    """An error that names the candidate with its distribution and version."""
    return PluginError(candidate.name, cause, candidate.distribution, candidate.version)


def told(error: BaseException) -> str:
    """An error's class and text, in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split()).removesuffix(":")
