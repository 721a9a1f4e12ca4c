"""What is wrong with an object that a plugin's factory returned: every fault in one line, in the words of a plugin's author."""

import inspect
from collections.abc import Iterator
from difflib import get_close_matches

from pluggy import HookimplOpts, PluginManager

from parachute_core.hooks import specs
from parachute_core.hooks.markers import PROJECT

_SPECS = PluginManager(PROJECT)
_SPECS.add_hookspecs(specs)

HOOK_NAMES = tuple(name for name in vars(specs) if _SPECS.parse_hookspec_opts(specs, name) is not None)
"""The name of each hook, in the order of `specs.py`."""


def arguments_of(hook: str) -> tuple[str, ...]:
    """The argument names that a hook is called with."""
    return tuple(inspect.signature(getattr(specs, hook)).parameters)


def is_async(hook: str) -> bool:
    """Whether implementations of the hook are `async def`."""
    return inspect.iscoroutinefunction(getattr(specs, hook))


def faults_of(plugin: object) -> list[str]:
    """Why `plugin` cannot be registered; empty when it can."""
    wrong_thing = _wrong_thing(plugin)
    if wrong_thing:
        return [wrong_thing]
    faults: list[str] = []
    implemented = False
    for name in dir(plugin):
        options = _SPECS.parse_hookimpl_opts(plugin, name)
        if options is not None:
            implemented = True
            faults += _implementation_faults(plugin, name, options)
        elif name in HOOK_NAMES:
            # pluggy would pass over it in silence, and the protection would be missing.
            faults.append(f"{name} is not a method marked with @hookimpl of parachute_core")
    if not implemented and not faults:
        faults.append(f"{_kind(plugin)} implements no hook; mark its methods with @hookimpl of parachute_core")
    return faults


def _wrong_thing(plugin: object) -> str | None:
    if plugin is None:
        return "make_plugin returned None instead of a plugin object"
    for kind, is_kind in (
        ("a class", inspect.isclass),
        ("a module", inspect.ismodule),
        ("a function", inspect.isroutine),
        ("a coroutine", inspect.iscoroutine),
    ):
        if is_kind(plugin):
            return f"make_plugin returned {kind} instead of a plugin object"
    # Hooks are bound to the object itself, so two that count as equal could not be told apart.
    if type(plugin).__hash__ is None or type(plugin).__eq__ is not object.__eq__:
        return f"{_kind(plugin)} compares by value; make it a plain class or a dataclass with eq=False"
    return None


def _implementation_faults(plugin: object, name: str, options: HookimplOpts) -> Iterator[str]:
    hook = options.get("specname") or name
    if hook not in HOOK_NAMES:
        if not options.get("optionalhook"):
            guess = get_close_matches(hook, HOOK_NAMES, n=1)
            yield f"there is no hook {hook}" + (f" (did you mean {guess[0]}?)" if guess else "")
        return
    if options.get("wrapper") or options.get("hookwrapper"):
        yield f"{hook} is declared as a wrapper; hooks of parachute_core take plain implementations only"
        return
    function = getattr(plugin, name)
    colour = _colour_fault(hook, function)
    if colour:
        yield colour
    known = arguments_of(hook)
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name not in known or parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            yield f"{hook} is implemented with the argument {parameter}; the hook has ({', '.join(known)})"


def _colour_fault(hook: str, function: object) -> str | None:
    if inspect.isasyncgenfunction(function) or inspect.isgeneratorfunction(function):
        hint = "; put @asynccontextmanager below @hookimpl" if hook == "lifespan" else ""
        return f"{hook} must not be a generator{hint}"
    if is_async(hook) and not inspect.iscoroutinefunction(function):
        return f"{hook} must be written with async def"
    if not is_async(hook) and inspect.iscoroutinefunction(function):
        return f"{hook} must be a plain def, not async def"
    return None


def _kind(plugin: object) -> str:
    return f"the plugin object ({type(plugin).__qualname__})"
