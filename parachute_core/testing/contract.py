"""Every rule that a plugin has to keep, tried on one plugin alone."""

import asyncio
import gc
import tempfile
import warnings
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from parachute_core.hooks.call import Hooks
from parachute_core.hooks.check import HOOK_NAMES
from parachute_core.hooks.discover import candidate
from parachute_core.hooks.load import load_plugins
from parachute_core.model.errors import ConfigError, PluginError
from parachute_core.store.database import Database
from parachute_core.testing.clock import FakeClock
from parachute_core.testing.stand_ins import lone_context
from parachute_core.testing.trials import TRIALS, demand


async def assert_plugin_contract(
    factory: Callable[..., object],
    settings: Mapping[str, object] | None = None,
    *,
    module: object = None,
    name: str | None = None,
) -> None:
    """Fail unless the plugin keeps the rules of `docs/hooks.md`.

    It is loaded as the bot would load it (with `settings` as its part of `bots.yaml`), its lifespan is entered, each hook
    that it has is called with what a bot would hand it, the lifespan is left, and all of it once more on the same
    database, as after a restart. Answers must be of the kinds that the hooks allow, nothing may be raised that they do not
    allow, and no coroutine and no task may be left over.

    `module` is where `Settings` and `PLACE` stand, by default the module of `factory`; `name` is the plugin's name, by
    default that of its package without `parachute_`.
    """
    name = name or factory.__module__.split(".")[0].removeprefix("parachute_")
    tasks = asyncio.all_tasks()
    with warnings.catch_warnings(record=True) as caught, tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("always")
        clock = FakeClock()
        async with Database.open(Path(folder) / "contract.db", clock) as database:
            for _ in range(2):
                await _one_life(_load(factory, settings, module, name, database, clock), clock)
        await clock.advance(0)
        running = asyncio.all_tasks() - tasks  # before the collection, which would drop a task that nobody holds
        gc.collect()
    left = [one for one in caught if "was never awaited" in str(one.message)]
    demand(not left, f"left a coroutine that nobody awaited: {[str(one.message) for one in left]}")
    for one in caught:
        warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    demand(not running, f"left tasks running after its lifespan: {[one.get_name() for one in running]}")


def _load(
    factory: Callable[..., object], settings: Mapping[str, object] | None, module: object, name: str, database: Database, clock: FakeClock
) -> Hooks:
    plugin = candidate(name, factory, getattr(module, "Settings", None), getattr(module, "PLACE", None))
    try:
        return load_plugins([plugin], settings={name: settings}, make_context=lambda _, own: lone_context(name, own, database, clock))
    except (ConfigError, PluginError) as error:
        raise AssertionError(str(error)) from error


async def _one_life(hooks: Hooks, clock: FakeClock) -> None:
    async with AsyncExitStack() as stack:
        for _, span in hooks.lifespans():
            await stack.enter_async_context(span)
        for hook in HOOK_NAMES:
            for _, call in hooks.implementations(hook):
                await TRIALS[hook](call, clock)
