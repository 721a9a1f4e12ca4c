"""The distribution as it is installed: found, and made as the core makes it."""

from importlib.metadata import entry_points, version

import parachute_strictstate.plugin

from parachute_core.testing import assert_plugin_contract


def test_the_entry_point_names_the_factory() -> None:
    (found,) = entry_points(group="parachute_core.plugins", name="strictstate")
    assert found.load() is parachute_strictstate.plugin.make_plugin
    assert found.dist is not None
    assert found.dist.name == "parachute-strictstate"
    assert found.dist.version == version("parachute-strictstate")


async def test_the_plugin_keeps_the_contract() -> None:
    await assert_plugin_contract(parachute_strictstate.plugin.make_plugin)
