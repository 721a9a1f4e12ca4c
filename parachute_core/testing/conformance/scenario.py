"""A scenario: something that happens between people, a platform and the bot, and what must come of it. Plain data."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

from parachute_core.testing.conformance.abilities import Ability
from parachute_core.testing.conformance.counterpart import Counterpart

Run = Callable[[Counterpart], Awaitable[None]]


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


def renamed(one: Scenario, ending: str, *needs: Ability) -> Scenario:
    """The same, under a name that tells it from its siblings, and with more needs."""
    return replace(one, name=f"{one.name}-{ending}", needs=one.needs | set(needs))
