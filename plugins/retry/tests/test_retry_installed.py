"""The distribution as it is installed: found, and made as the core makes it."""

from importlib.metadata import entry_points, version

import parachute_retry.plugin

from parachute_core.testing import assert_plugin_contract


def test_the_entry_point_names_the_factory() -> None:
    (found,) = entry_points(group="parachute_core.plugins", name="retry")
    assert found.load() is parachute_retry.plugin.make_plugin
    assert found.dist is not None
    assert found.dist.name == "parachute-retry"
    assert found.dist.version == version("parachute-retry")


async def test_the_plugin_keeps_the_contract() -> None:
    await assert_plugin_contract(parachute_retry.plugin.make_plugin)


async def test_it_takes_settings() -> None:
    await assert_plugin_contract(parachute_retry.plugin.make_plugin, {"waits": [1, 2]})
