"""The distribution as it is installed: found, and made as the core makes it."""

from importlib.metadata import entry_points, version

import parachute_sessionguard.plugin

from parachute_core.testing import assert_plugin_contract


def test_the_entry_point_names_the_factory() -> None:
    (found,) = entry_points(group="parachute_core.plugins", name="sessionguard")
    assert found.load() is parachute_sessionguard.plugin.make_plugin
    assert found.dist is not None
    assert found.dist.name == "parachute-sessionguard"
    assert found.dist.version == version("parachute-sessionguard")


async def test_the_plugin_keeps_the_contract() -> None:
    await assert_plugin_contract(parachute_sessionguard.plugin.make_plugin)
