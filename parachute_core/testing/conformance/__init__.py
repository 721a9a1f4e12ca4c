"""What every connector must do, tried with its real library over a socket. `docs/writing-a-connector.md` shows how to use it.

@pytest.mark.parametrize("scenario", scenarios_for(MyCounterpart), ids=str)
async def test_my_platform(scenario: Scenario) -> None:
    async with MyCounterpart() as counterpart:
        await scenario.run(counterpart)
"""

from collections.abc import Iterator
from types import ModuleType

from parachute_core.testing.conformance import answering, living, protecting, receiving, sending, showing, surviving
from parachute_core.testing.conformance.abilities import Ability, Flow, Oddity, Trouble
from parachute_core.testing.conformance.counterpart import Counterpart
from parachute_core.testing.conformance.scenario import Scenario

__all__ = ["SCENARIOS", "Ability", "Counterpart", "Flow", "Oddity", "Scenario", "Trouble", "scenarios_for"]


def _of(module: ModuleType) -> Iterator[Scenario]:
    for value in vars(module).values():
        yield from [value] if isinstance(value, Scenario) else []
        yield from (one for one in value if isinstance(one, Scenario)) if isinstance(value, list) else []


SCENARIOS: tuple[Scenario, ...] = tuple(
    one for module in (answering, showing, sending, receiving, living, surviving, protecting) for one in _of(module)
)
"""All of them, each under a name of its own."""


def scenarios_for(counterpart: type[Counterpart]) -> tuple[Scenario, ...]:
    """Those that the platform must pass: all but those that need what it says that it lacks."""
    return tuple(one for one in SCENARIOS if one.suits(counterpart))
