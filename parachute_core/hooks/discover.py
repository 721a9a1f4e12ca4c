"""Which plugins are installed. Nothing of a plugin is imported here."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points

from parachute_core.hooks.markers import PLUGIN_GROUP

DEFAULT_PLACE = 50
"""Where a plugin stands that is neither listed in `bots.yaml` nor declares a `PLACE`."""


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a plugin's module declares, as it was found there; the loader judges it."""

    factory: object
    """What the entry point names: `make_plugin`."""
    settings: object = None
    """The module's `Settings`, or None where it has none."""
    place: object = DEFAULT_PLACE
    """The module's `PLACE`: plugins that the config does not list stand in the order of this number, then of their names."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An installed plugin. Only `declare()` imports it."""

    name: str
    distribution: str
    version: str
    declare: Callable[[], Declaration]
    """Import the plugin's module; raises whatever that import raises."""


def discover(group: str = PLUGIN_GROUP) -> tuple[Candidate, ...]:
    """Every plugin that an installed distribution announces, by name and then by distribution; two may claim one name."""
    found = [_installed(entry) for entry in entry_points(group=group)]
    return tuple(sorted(found, key=lambda one: (one.name, one.distribution)))


def candidate(name: str, factory: Callable[..., object], settings: object = None, place: int | None = None) -> Candidate:
    """A plugin that lives in this process instead of a distribution, for tests and for embedding.

    `settings` and `place` default to the `Settings` and `PLACE` of the module that `factory` was written in.
    """

    def declare() -> Declaration:
        beside = declared_beside(factory, sys.modules.get(factory.__module__))
        return Declaration(
            factory,
            beside.settings if settings is None else settings,
            beside.place if place is None else place,
        )

    return Candidate(name, "in-process", "0", declare)


def declared_beside(factory: object, module: object) -> Declaration:
    """What stands beside `factory` in its module."""
    return Declaration(factory, getattr(module, "Settings", None), getattr(module, "PLACE", DEFAULT_PLACE))


def _installed(entry: EntryPoint) -> Candidate:
    def declare() -> Declaration:
        factory = entry.load()
        return declared_beside(factory, sys.modules.get(entry.module))

    # A damaged dist-info may lack either field; the plugin still has to be nameable in an error.
    distribution = entry.dist.name if entry.dist else None
    version = entry.dist.version if entry.dist else None
    return Candidate(entry.name, distribution or "unknown distribution", version or "unknown version", declare)
