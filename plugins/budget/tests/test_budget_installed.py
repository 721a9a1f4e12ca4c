"""The distribution as it is installed: found, and made as the core makes it."""

from importlib.metadata import entry_points, version

import parachute_budget.plugin
import pytest

from parachute_core import PluginError
from parachute_core.testing import assert_plugin_contract, running_bot


def test_the_entry_point_names_the_factory() -> None:
    (found,) = entry_points(group="parachute_core.plugins", name="budget")
    assert found.load() is parachute_budget.plugin.make_plugin
    assert found.dist is not None
    assert found.dist.name == "parachute-budget"
    assert found.dist.version == version("parachute-budget")


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"budgets": []},
        {"budgets": [{"per": "all", "period": "month", "money": 5}], "prices": {"input": 3, "output": 15.0}},
        {"budgets": [{"per": "chat", "period": "day", "tokens": 4000}], "owner": {"platform": "telegram", "chat_id": 9}},
    ],
)
async def test_the_plugin_keeps_the_contract(settings: dict[str, object]) -> None:
    await assert_plugin_contract(parachute_budget.plugin.make_plugin, settings)


async def test_an_owner_on_no_platform_stops_the_start() -> None:
    with pytest.raises(PluginError, match="there is no platform telegramm"):
        async with running_bot({"budget": {"owner": {"platform": "telegramm", "chat_id": "9"}}}):
            raise AssertionError("it started")
