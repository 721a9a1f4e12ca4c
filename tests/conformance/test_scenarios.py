"""The scenarios as data."""

from collections import Counter

from parachute_core.testing.conformance import SCENARIOS, Ability, scenarios_for
from parachute_core.testing.conformance.rig import FIVE
from parachute_core.testing.conformance.ways import WAYS
from tests.conformance.parley.counterpart import ParleyCounterpart


def test_every_scenario_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(map(str, SCENARIOS)).items() if count > 1] == []


def test_every_ability_is_needed_by_some_scenario() -> None:
    assert set().union(*(one.needs for one in SCENARIOS)) == set(Ability)


def test_every_plugin_is_tried_and_the_four_that_see_messages_on_every_way() -> None:
    assert {plugin for one in SCENARIOS for plugin in one.plugins} == set(FIVE)
    for plugin in set(FIVE) - {"strictstate"}:
        tried = [str(one) for one in SCENARIOS if plugin in one.plugins]
        assert [way.name for way in WAYS if not any(name.endswith(f"-{way.name}") for name in tried)] == []


def test_what_a_platform_lacks_is_not_tried_and_everything_else_is() -> None:
    tried = scenarios_for(ParleyCounterpart)
    assert all(one.needs.isdisjoint(ParleyCounterpart.lacks) for one in tried)
    assert all(not one.needs.isdisjoint(ParleyCounterpart.lacks) for one in SCENARIOS if one not in tried)
    assert len(tried) > 50
