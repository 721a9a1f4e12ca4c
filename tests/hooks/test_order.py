"""In which order plugins are asked."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from parachute_core import Deny, Inbound, hookimpl
from parachute_core.hooks.call import Hooks
from parachute_core.hooks.discover import Candidate, Declaration
from parachute_core.hooks.load import load_plugins

Load = Callable[..., Hooks]
Make = Callable[..., Candidate]
NAMES = ("ant", "bee", "cat", "dog", "eel")


class Gate:
    @hookimpl
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        return None


class First(Gate):
    @hookimpl(tryfirst=True)
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        return None


class Last(Gate):
    @hookimpl(trylast=True)
    async def before_dispatch(self, message: Inbound) -> Deny | None:
        return None


def loaded(places: dict[str, int], listed: list[str], off: frozenset[str] = frozenset(), kinds: dict[str, type] | None = None) -> Hooks:
    def candidate(name: str) -> Candidate:
        return Candidate(name, name, "1", lambda: Declaration(lambda _: (kinds or {}).get(name, Gate)(), None, places[name]))

    nothing: Any = None
    return load_plugins(
        [candidate(name) for name in places],
        settings={name: {"enabled": False} if name in off else {} for name in listed},
        make_context=lambda _, __: nothing,
    )


@settings(deadline=None)  # a busy machine is no fault of the order
@given(
    places=st.fixed_dictionaries({name: st.integers(0, 3) for name in NAMES}),
    listed=st.lists(st.sampled_from(NAMES), unique=True),
    off=st.frozensets(st.sampled_from(NAMES)),
    found=st.permutations(NAMES),
)
def test_listed_ones_as_listed_then_the_others_by_place_and_name(
    places: dict[str, int], listed: list[str], off: frozenset[str], found: list[str]
) -> None:
    off &= frozenset(listed)
    hooks = loaded({name: places[name] for name in found}, listed, off)

    order = [one.name for one in hooks.plugins]

    assert hooks.order()["before_dispatch"] == tuple(order)
    assert order[: len(listed) - len(off)] == [name for name in listed if name not in off]
    rest = order[len(listed) - len(off) :]
    assert rest == sorted(set(NAMES) - set(listed), key=lambda name: (places[name], name))
    assert {one.name for one in hooks.disabled} == off


@settings(deadline=None)  # a busy machine is no fault of the order
@given(
    kinds=st.fixed_dictionaries({name: st.sampled_from([Gate, First, Last]) for name in NAMES}),
    listed=st.permutations(NAMES),
)
def test_a_plugins_own_claim_comes_before_the_order_of_the_file_for_that_hook_alone(kinds: dict[str, type], listed: list[str]) -> None:
    hooks = loaded(dict.fromkeys(NAMES, 50), listed, kinds=kinds)

    of = {kind: [name for name in listed if kinds[name] is kind] for kind in (First, Gate, Last)}
    # Of several with the same claim, the one that comes first in the file has it granted furthest.
    assert hooks.order()["before_dispatch"] == (*of[First], *of[Gate], *reversed(of[Last]))
    assert [one.name for one in hooks.plugins] == listed


def test_the_order_names_every_hook(load: Load) -> None:
    order = load(Gate()).order()
    assert list(order) == ["before_dispatch", "wrap_send", "on_turn", "on_status_change", "on_pairing_event", "admin_blueprint", "lifespan"]
    assert order["lifespan"] == ()
