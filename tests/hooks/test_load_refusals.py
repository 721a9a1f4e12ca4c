"""Whatever could leave the bot unprotected in silence is refused at load, by name."""

import gc
import sys
import types
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

import pluggy
import pytest

from parachute_core import Deny, Inbound, PluginError, hookimpl
from parachute_core.hooks.call import Hooks
from parachute_core.hooks.discover import Candidate
from parachute_core.model.errors import PluginsRefused

Load = Callable[..., Hooks]
Make = Callable[..., Candidate]


class Fine:
    @hookimpl
    async def before_dispatch(self, message: Inbound) -> None:
        return None


def refusal(load: Load, candidate: Candidate) -> str:
    with pytest.raises(PluginError) as refused:
        load(candidate)
    assert not isinstance(refused.value, PluginsRefused)
    assert str(refused.value).startswith(f"plugin {candidate.name} (dist-{candidate.name} 1.2): ")
    assert "\n" not in str(refused.value)
    return refused.value.cause


class WrongArgument:
    @hookimpl
    async def before_dispatch(self, mesage: Inbound) -> None:
        return None


class WrongArgumentWithDefault:
    @hookimpl
    async def before_dispatch(self, mesage: Inbound | None = None) -> None:
        return None


class KeywordOnly:
    @hookimpl
    async def before_dispatch(self, *, message: Inbound) -> None:
        return None


class AnyArguments:
    @hookimpl
    async def before_dispatch(self, *args: Any, **more: Any) -> None:
        return None


class OneMore:
    @hookimpl
    def lifespan(self, message: Inbound) -> None:
        return None


@pytest.mark.parametrize(
    ("plugin", "hook", "argument", "known"),
    [
        (WrongArgument(), "before_dispatch", "mesage", "message"),
        (WrongArgumentWithDefault(), "before_dispatch", "mesage", "message"),
        (KeywordOnly(), "before_dispatch", "message", "message"),
        (AnyArguments(), "before_dispatch", "*args", "message"),
        (OneMore(), "lifespan", "message", ""),
    ],
)
def test_a_wrong_argument(load: Load, make_candidate: Make, plugin: object, hook: str, argument: str, known: str) -> None:
    cause = refusal(load, make_candidate("p", lambda _: plugin))
    assert f"{hook} is implemented with the argument {argument}" in cause
    assert f"the hook has ({known})" in cause


class Misspelt:
    @hookimpl
    async def before_dispach(self, message: Inbound) -> None:
        return None


class MisspeltBesideAGoodOne(Fine):
    @hookimpl
    def on_status_changed(self) -> None:
        return None


class MisspeltSpecname:
    @hookimpl(specname="before_dispach")
    async def gate(self, message: Inbound) -> None:
        return None


@pytest.mark.parametrize(
    ("plugin", "wrong", "right"),
    [
        (Misspelt(), "before_dispach", "before_dispatch"),
        (MisspeltBesideAGoodOne(), "on_status_changed", "on_status_change"),
        (MisspeltSpecname(), "before_dispach", "before_dispatch"),
    ],
)
def test_a_misspelt_hook(load: Load, make_candidate: Make, plugin: object, wrong: str, right: str) -> None:
    assert refusal(load, make_candidate("p", lambda _: plugin)) == f"there is no hook {wrong} (did you mean {right}?)"


class Unmarked:
    async def before_dispatch(self, message: Inbound) -> None:
        return None


class UnmarkedBesideAGoodOne(Fine):
    def on_status_change(self, change: object) -> None:
        return None


class MarkedForAnotherProject:
    @pluggy.HookimplMarker("another_project")
    async def before_dispatch(self, message: Inbound) -> None:
        return None


class MarkedProperty:
    @property
    def before_dispatch(self) -> object:
        raise AssertionError("a property must not be evaluated")


@pytest.mark.parametrize("plugin", [Unmarked(), UnmarkedBesideAGoodOne(), MarkedForAnotherProject(), MarkedProperty()])
def test_a_hook_that_pluggy_would_pass_over(load: Load, make_candidate: Make, plugin: object) -> None:
    assert "is not a method marked with @hookimpl" in refusal(load, make_candidate("p", lambda _: plugin))


class SyncGate:
    @hookimpl
    def before_dispatch(self, message: Inbound) -> None:
        return None


class HiddenSyncGate:
    @hookimpl
    @wraps(Fine.before_dispatch)
    def before_dispatch(self, message: Inbound) -> Any:
        return None


class AsyncStatus:
    @hookimpl
    async def on_status_change(self, change: object) -> None:
        return None


class GeneratorGate:
    @hookimpl
    async def before_dispatch(self, message: Inbound) -> AsyncIterator[Deny]:
        yield Deny("no")


class BareLifespan:
    @hookimpl
    async def lifespan(self) -> AsyncIterator[None]:
        yield


class GeneratorStatus:
    @hookimpl
    def on_status_change(self, change: object) -> Iterator[None]:
        yield


@pytest.mark.parametrize(
    ("plugin", "cause"),
    [
        (SyncGate(), "before_dispatch must be written with async def"),
        (HiddenSyncGate(), "before_dispatch must be written with async def"),
        (AsyncStatus(), "on_status_change must be a plain def, not async def"),
        (GeneratorGate(), "before_dispatch must not be a generator"),
        (BareLifespan(), "lifespan must not be a generator; put @asynccontextmanager below @hookimpl"),
        (GeneratorStatus(), "on_status_change must not be a generator"),
    ],
)
def test_a_wrong_colour(load: Load, make_candidate: Make, plugin: object, cause: str) -> None:
    assert refusal(load, make_candidate("p", lambda _: plugin)) == cause


class Wrapper:
    @hookimpl(wrapper=True)
    def before_dispatch(self, message: Inbound) -> Any:
        return (yield)


class OldWrapper:
    @hookimpl(hookwrapper=True)
    def wrap_send(self, connector: object) -> Any:
        yield


@pytest.mark.parametrize("plugin", [Wrapper(), OldWrapper()])
def test_a_wrapper(load: Load, make_candidate: Make, plugin: object) -> None:
    assert "is declared as a wrapper" in refusal(load, make_candidate("p", lambda _: plugin))


class Hookless:
    def helper(self) -> None:
        return None


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (None, "make_plugin returned None"),
        (Fine, "make_plugin returned a class"),
        (refusal, "make_plugin returned a function"),
        (Fine().before_dispatch, "make_plugin returned a function"),
        (types.ModuleType("some_module"), "make_plugin returned a module"),
        (Hookless(), "the plugin object (Hookless) implements no hook"),
        ({}, "compares by value"),
        ("text", "compares by value"),
    ],
)
def test_something_that_is_no_plugin_object(load: Load, make_candidate: Make, answer: object, cause: str) -> None:
    assert cause in refusal(load, make_candidate("p", lambda _: answer))


@dataclass
class Unhashable(Fine):
    limit: int = 10


@dataclass(frozen=True)
class EqualByValue(Fine):
    limit: int = 10


@dataclass(eq=False)
class OwnIdentity(Fine):
    limit: int = 10


@pytest.mark.parametrize("plugin", [Unhashable(), EqualByValue()])
def test_an_object_that_compares_by_value(load: Load, make_candidate: Make, plugin: object) -> None:
    assert "compares by value; make it a plain class or a dataclass with eq=False" in refusal(load, make_candidate("p", lambda _: plugin))


def test_a_dataclass_with_its_own_identity_is_fine(load: Load, make_candidate: Make) -> None:
    hooks = load(make_candidate("a", lambda _: OwnIdentity()), make_candidate("b", lambda _: OwnIdentity()))
    assert hooks.order()["before_dispatch"] == ("a", "b")


def test_one_object_under_two_names(load: Load, make_candidate: Make) -> None:
    shared = Fine()
    with pytest.raises(PluginError, match=r"plugin a \(dist-a 1\.2\): ValueError: Plugin already registered"):
        load(make_candidate("a", lambda _: shared), make_candidate("b", lambda _: shared))


def test_a_factory_that_raises(load: Load, make_candidate: Make) -> None:
    def broken(_: object) -> object:
        raise RuntimeError("no such\nthing")

    assert refusal(load, make_candidate("p", broken)) == "make_plugin failed: RuntimeError: no such thing"


def test_a_factory_that_leaves_the_process(load: Load, make_candidate: Make) -> None:
    assert refusal(load, make_candidate("p", lambda _: sys.exit(3))) == "make_plugin failed: SystemExit: 3"


def test_a_factory_that_takes_no_context(load: Load, make_candidate: Make) -> None:
    def make_plugin() -> object:
        return Fine()

    assert "make_plugin failed: TypeError" in refusal(load, make_candidate("p", make_plugin))


def test_an_async_factory_leaves_no_coroutine_behind(load: Load, make_candidate: Make) -> None:
    async def make_plugin(_: object) -> object:
        return Fine()

    assert "must name a plain function" in refusal(load, make_candidate("p", make_plugin))
    assert "make_plugin returned a coroutine" in refusal(load, make_candidate("p", lambda context: make_plugin(context)))
    gc.collect()


def test_an_entry_point_that_names_no_function(load: Load, make_candidate: Make) -> None:
    assert "must name a plain function" in refusal(load, make_candidate("p", types.ModuleType("some_module")))


@pytest.mark.parametrize("place", ["first", 1.5, True, None])
def test_a_place_that_is_no_whole_number(load: Load, make_candidate: Make, place: object) -> None:
    assert refusal(load, make_candidate("p", lambda _: Fine(), place=place)) == "its PLACE must be a whole number"


def test_every_fault_of_every_plugin_is_told_at_once(load: Load, make_candidate: Make) -> None:
    class Twice:
        @hookimpl
        def before_dispatch(self, mesage: Inbound) -> None:
            return None

    with pytest.raises(PluginsRefused) as refused:
        load(
            make_candidate("a", lambda _: Twice()),
            make_candidate("b", lambda _: None),
            make_candidate("fine", lambda _: Fine()),
            settings={"nobody": {}, "c": {"enabled": "maybe"}},
            required=("absent",),
        )

    told = str(refused.value).splitlines()
    assert refused.value.problems == tuple(told)
    assert refused.value.plugins == ("a", "b")
    assert [line.split(":")[0] for line in told] == [
        "plugins.c.enabled",
        "plugins.nobody",
        "plugins.c",
        "required",
        "plugin a (dist-a 1.2)",
        "plugin b (dist-b 1.2)",
    ]
    assert "must be written with async def" in told[4]
    assert "mesage" in told[4]


def test_a_hook_of_a_newer_core_may_be_implemented_as_optional(load: Load) -> None:
    class Ahead(Fine):
        @hookimpl(optionalhook=True)
        def on_something_new(self) -> None:
            return None

    assert load(Ahead()).plugins[0].hooks == ("before_dispatch",)


def test_a_lifespan_written_as_a_context_manager_is_taken(load: Load) -> None:
    class Living:
        @hookimpl
        @asynccontextmanager
        async def lifespan(self) -> AsyncIterator[None]:
            yield

    assert load(Living()).plugins[0].hooks == ("lifespan",)
