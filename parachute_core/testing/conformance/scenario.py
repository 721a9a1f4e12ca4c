"""A scenario: something that happens between people, a platform and the bot, and what must come of it. Plain data."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from parachute_core.testing.conformance.abilities import Ability, Trouble
from parachute_core.testing.conformance.counterpart import Counterpart

Case = TypeVar("Case")
Run = Callable[[Counterpart], Awaitable[None]]
TROUBLES: Mapping[Trouble, frozenset[Ability]] = {
    **dict.fromkeys((Trouble.BROKEN, Trouble.RESET, Trouble.LOST, Trouble.CUT), frozenset()),
    Trouble.HANG: frozenset({Ability.GIVES_UP_SOON}),
}
"""What can go wrong without a word of the server, and what a platform needs to be tried with it."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """`run(counterpart)` raises `AssertionError` when the bot did not do what it must."""

    name: str
    run: Run
    needs: frozenset[Ability] = frozenset()
    """What the platform must be able to do."""
    plugins: tuple[str, ...] = ()
    """The plugins whose protection it shows."""

    def __str__(self) -> str:
        return self.name

    def suits(self, counterpart: type[Counterpart]) -> bool:
        """Whether the platform lacks nothing that the scenario needs."""
        return self.needs.isdisjoint(counterpart.lacks)


def scenario(*needs: Ability, plugins: Iterable[str] = ()) -> Callable[[Run], Scenario]:
    """Make a function a scenario that bears its name."""

    def make(run: Run) -> Scenario:
        return Scenario(str(getattr(run, "__name__", run)), run, frozenset(needs), tuple(plugins))

    return make


def for_each(
    cases: Mapping[Case, frozenset[Ability]], *needs: Ability, plugins: Iterable[str] = ()
) -> Callable[[Callable[[Counterpart, Case], Awaitable[None]]], list[Scenario]]:
    """Make a function of a counterpart and a case one scenario for each case. `cases`: what each needs besides `needs`."""

    def make(run: Callable[[Counterpart, Case], Awaitable[None]]) -> list[Scenario]:
        name = str(getattr(run, "__name__", run))
        return [Scenario(f"{name}-{case}", partial(_run, run, case), more | set(needs), tuple(plugins)) for case, more in cases.items()]

    return make


async def _run(run: Callable[[Counterpart, Case], Awaitable[None]], case: Case, counterpart: Counterpart) -> None:
    await run(counterpart, case)
