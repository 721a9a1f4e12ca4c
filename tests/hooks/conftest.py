"""Loading plugins that live in the test itself."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from parachute_core.clock import SystemClock
from parachute_core.hooks.call import Hooks
from parachute_core.hooks.discover import Candidate, Declaration
from parachute_core.hooks.load import load_plugins
from parachute_core.hooks.shapes import PluginContext


def context(name: str, settings: BaseModel | None) -> PluginContext[Any]:
    nothing: Any = None
    return PluginContext(name, settings, SystemClock(), logging.getLogger(name), *([nothing] * 7))


def installed(name: str, factory: object, *, settings: object = None, place: object = 50) -> Candidate:
    """A plugin as if it came from the distribution `dist-<name>`, version 1.2."""
    return Candidate(name, f"dist-{name}", "1.2", lambda: Declaration(factory, settings, place))


@pytest.fixture
def load() -> Callable[..., Hooks]:
    """`load(candidates…, settings={…}, required=(…))`; what is no candidate is a plugin object, named for its class."""

    def load_all(*plugins: object, settings: Mapping[str, Mapping[str, object] | None] | None = None, **options: Any) -> Hooks:
        candidates = [
            one if isinstance(one, Candidate) else installed(type(one).__name__.lower(), lambda _, made=one: made) for one in plugins
        ]
        return load_plugins(candidates, settings=settings or {}, make_context=context, **options)

    return load_all


@pytest.fixture
def make_candidate() -> Callable[..., Candidate]:
    """See `installed`."""
    return installed
