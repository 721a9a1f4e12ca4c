"""The installed plugin, as a bot finds it."""

import subprocess
import sys
from importlib.metadata import entry_points, version

import pytest
from parachute_pairing import plugin
from parachute_pairing.settings import Settings

from parachute_core import ConfigError
from parachute_core.testing import assert_plugin_contract, running_bot


def test_the_entry_point_leads_to_the_factory() -> None:
    (entry,) = entry_points(group="parachute_core.plugins", name="pairing")
    assert entry.load() is plugin.make_plugin
    assert entry.dist is not None
    assert (entry.dist.name, entry.dist.version) == ("parachute-pairing", version("parachute-pairing"))
    assert (plugin.Settings, plugin.PLACE) == (Settings, 50)


async def test_it_keeps_the_contract() -> None:
    await assert_plugin_contract(plugin.make_plugin, {"ttl_days": 1, "nudges": 2}, module=plugin)


async def test_the_bot_lists_it_with_its_hooks() -> None:
    async with running_bot(["pairing"]) as bot:
        (mine,) = [one for one in (await bot.request("GET", "/api/plugins")).json["plugins"] if one["name"] == "pairing"]
        assert (mine["distribution"], mine["enabled"]) == ("parachute-pairing", True)
        assert set(mine["hooks"]) == {"before_dispatch", "admin_blueprint", "lifespan"}


async def test_a_key_that_it_does_not_know_stops_the_start() -> None:
    with pytest.raises(ConfigError, match="ttl_day"):
        async with running_bot({"pairing": {"ttl_day": 3}}):
            pass


async def test_without_it_strangers_are_refused_and_its_routes_are_gone() -> None:
    async with running_bot() as bot:
        assert len(await bot.ask("hello", "7")) == 1
        assert (await bot.request("GET", "/api/bots/pairing")).status == 404


def test_the_plugin_is_imported_without_the_web_framework() -> None:
    seen = subprocess.run(
        [sys.executable, "-c", "import sys, parachute_pairing.plugin; print('quart' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert seen.stdout == "False\n"
