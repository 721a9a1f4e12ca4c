"""Matrix against the conformance suite, on a real homeserver."""

import pytest

from parachute_core.testing.conformance import Ability, Scenario, scenarios_for
from parachute_core.testing.counterparts.matrix import MatrixCounterpart, Residents
from parachute_core.testing.matrix import Homeserver
from tests.conformance.known import cases


@pytest.fixture(scope="session")
def residents(homeserver: Homeserver) -> Residents:
    return Residents(homeserver)


@pytest.mark.parametrize("scenario", cases(scenarios_for(MatrixCounterpart), {}))
async def test_matrix(scenario: Scenario, residents: Residents) -> None:
    async with MatrixCounterpart(residents) as counterpart:
        await scenario.run(counterpart)


def test_what_the_platform_lacks_is_known() -> None:
    assert set(MatrixCounterpart.lacks) == {Ability.INTERACTIONS}
