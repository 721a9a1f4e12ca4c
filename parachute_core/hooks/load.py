"""From installed candidates and their settings to `Hooks`, or to an error that names every culprit."""

from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches

from parachute_core.hooks.call import DisabledPlugin, Hooks
from parachute_core.hooks.check import HOOK_NAMES
from parachute_core.hooks.discover import Candidate
from parachute_core.hooks.make import Made, MakeContext, make
from parachute_core.hooks.register import calls, loaded, register
from parachute_core.hooks.settings import RawSettings, Validate, Where, at, is_enabled
from parachute_core.model.errors import ConfigError, PluginError, PluginsRefused


def load_plugins(
    candidates: Iterable[Candidate],
    *,
    settings: RawSettings,
    required: Collection[str] = (),
    make_context: MakeContext,
    validate: Validate | None = None,
    where: Where | None = None,
) -> Hooks:
    """Import, make and check every plugin that is not switched off.

    `settings` is the `plugins:` mapping; its order is the plugins' order. Those that it does not list follow, by their
    `PLACE` and then their name. `validate` and `where` let errors in the settings tell their place in the file. A plugin
    that is switched off is not imported.

    Looks at everything before it raises: `ConfigError` when the settings alone are at fault, `PluginError` when a plugin is,
    `PluginsRefused` when there is more than one problem and a plugin among them.
    """
    found = sorted(candidates, key=lambda one: (one.name, one.distribution))
    problems: list[ConfigError | PluginError] = []
    off: set[str] = set()
    unclear: set[str] = set()
    for name in dict.fromkeys((*settings, *(one.name for one in found))):
        try:
            if not is_enabled(settings, name, where):
                off.add(name)
        except ConfigError as error:
            unclear.add(name)
            problems.append(error)
    problems += _absent(found, settings, required, off, where)
    made: list[Made] = []
    for name in dict.fromkeys(one.name for one in found if one.name not in off | unclear):
        try:
            made.append(make([one for one in found if one.name == name], settings, make_context, validate))
        except (ConfigError, PluginError) as error:
            problems.append(error)
    listed = {name: index for index, name in enumerate(settings)}
    made.sort(key=lambda one: (listed.get(one.candidate.name, len(listed)), one.place, one.candidate.name))
    manager, faults = register(made)
    problems += faults
    if problems:
        raise _as_one(problems)
    disabled = [DisabledPlugin(one.name, one.distribution, one.version) for one in found if one.name in off]
    return Hooks([loaded(manager, one) for one in made], {hook: calls(manager, hook) for hook in HOOK_NAMES}, disabled)


def _absent(
    found: Sequence[Candidate], settings: RawSettings, required: Collection[str], off: set[str], where: Where | None
) -> list[ConfigError | PluginError]:
    """What the config names and is not there."""
    installed = {one.name for one in found}
    lines = []
    for name in settings:
        if name not in installed:
            guess = get_close_matches(str(name), installed, n=1)
            hint = f" (did you mean {guess[0]}?)" if guess else ""
            lines.append(at(where, f"no plugin of this name is installed{hint}", "plugins", str(name)))
    for name in required:
        if name not in installed:
            lines.append(at(where, f"the plugin {name} is required and not installed", "required"))
        elif name in off:
            lines.append(at(where, f"the plugin {name} is required and switched off", "required"))
    return [ConfigError(line) for line in lines]


def _as_one(problems: Sequence[ConfigError | PluginError]) -> ConfigError | PluginError:
    if len(problems) == 1:
        return problems[0]
    lines = tuple(line for one in problems for line in (one.problems if isinstance(one, ConfigError) else (str(one),)))
    plugins = tuple(one.plugin for one in problems if isinstance(one, PluginError))
    return PluginsRefused(plugins, lines) if plugins else ConfigError(*lines)
